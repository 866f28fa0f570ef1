"""How `gittrack run` ends: one line, and the exit status of the command."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from gittrack.terminal.escape import line
from gittrack.terminal.figures import duration, number

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.tracking.outcome import Exit
    from gittrack.tracking.wrap import Wrapped

_SHOWN = 3  # metrics


def summary(wrapped: Wrapped) -> str:
    """One line: `run 20261124-034313-abcdefgh finished in 3.2 s (acc 0.97, loss 0.1)`."""
    run = wrapped.run
    if run is None:
        return f"run {wrapped.run_id} is not saved yet"
    return told(run)


def told(run: Run) -> str:
    """The same of a run."""
    took = duration(run.duration_ms or 0)
    code = "" if run.exit_code is None else f" with exit code {run.exit_code}"
    by = f" by {run.signal}" if run.signal else ""
    how = {
        "finished": f"finished in {took}",
        "failed": f"failed{code} after {took}",
        "killed": f"was killed{by} after {took}",
        "oom": f"ran out of memory after {took}",
        "interrupted": f"was interrupted after {took}",
    }.get(run.status, f"{run.status} after {took}")
    name = f" ({line(run.name)})" if run.name else ""
    metrics = _metrics(run)
    return f"run {run.id}{name} {how}" + (f" ({metrics})" if metrics else "")


def _metrics(run: Run) -> str:
    own = [key for key in run.metrics if not key.startswith("system/")]
    return ", ".join(f"{line(key)} {number(run.metrics[key].last)}" for key in own[:_SHOWN])


def leave(end: Exit) -> int:
    """The exit status of this process; where a signal ended the command, it ends us too."""
    if end.signal is not None:
        from gittrack.tracking.signals import die_of

        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        die_of(end.signal)
    return end.status
