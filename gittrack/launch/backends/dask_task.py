"""What runs inside of a Dask worker. It is sent by value: the worker needs nothing of gittrack for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def task(words: list[str], variables: dict[str, str], log: str | None, run_id: str) -> int:
    """Run the job's command and wait for it; gives its exit status, negative for a signal.

    Args:
        words: the command.
        variables: environment variables for it.
        log: a file for what it prints; None sends that to the scheduler, line by line.
        run_id: of its run.
    """
    import os
    import subprocess

    from distributed import get_worker

    worker: Any = get_worker()
    jobs = worker.__dict__.setdefault("gittrack_jobs", {})
    where: Any = subprocess.PIPE if log is None else open(log, "ab")  # noqa: PTH123, SIM115  closed below
    process = subprocess.Popen(
        words,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=where,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_dying_with_parent(),  # noqa: PLW1509  it calls one C function
    )
    jobs[run_id] = process.pid
    try:
        if process.stdout is not None:
            for line in process.stdout:
                worker.log_event(f"gittrack-{run_id}", line.decode(errors="replace"))
        return process.wait()
    finally:
        del jobs[run_id]
        (process.stdout or where).close()


def _dying_with_parent() -> Callable[[], None] | None:
    """What makes a process end with a worker that is killed; only Linux has it."""
    import ctypes
    import signal
    import sys

    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def die() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG

    return die


def stop(run_id: str, dask_worker: Any = None) -> None:  # noqa: ANN401  a Worker
    """Ask the command of a job in this worker to end."""
    import contextlib
    import os
    import signal

    pid = dask_worker.__dict__.get("gittrack_jobs", {}).get(run_id)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def look(key: str, dask_scheduler: Any = None) -> tuple[str, str | None, str] | None:  # noqa: ANN401  a Scheduler
    """The state of a task, the worker that has it, and what went wrong; None where it is not known."""
    found = dask_scheduler.tasks.get(key)
    if found is None:
        return None
    on = found.processing_on
    return found.state, on.address if on is not None else None, str(found.exception_text or "")
