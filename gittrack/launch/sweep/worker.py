"""A process that runs trials for a sweep, one after the other, and ends with it.

It leads a process group of its own, so that a trial and whatever it started can be ended together.
When the sweep is gone, however it went, the worker ends its trial and itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from gittrack.core.files import try_lock
from gittrack.launch.sweep.tasks import Done, Stopped, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from gittrack.launch.sweep.tasks import Guard, Job, Task

READY = "ready"
GRACE = 2.0
"""Seconds that a trial has between the first signal and one to its whole group."""
LAST = 10.0
"""Seconds after which its group is killed."""
_LOOK = 0.2


class Guarded:
    """Turns signals into exceptions while it is entered, and ignores them otherwise.

    Attributes:
        busy: whether a trial runs, from its first write to its last.
    """

    def __init__(self) -> None:
        self.busy = False
        self._inside = False

    def __enter__(self) -> None:
        self._inside = True

    def __exit__(self, *_: object) -> None:
        self._inside = False

    def install(self) -> None:
        """From now on."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, _frame: Any) -> None:  # noqa: ANN401  a frame
        if self._inside:
            self._inside = False  # once: what cleans up is left in peace
            raise KeyboardInterrupt if number == signal.SIGINT else Stopped


def main(  # pragma: no cover  another process
    connection: Connection, task: Task, alive: Path, parent: int
) -> None:
    """Run trials until there are no more.

    Args:
        connection: gives jobs, and None at the end; takes what came of each.
        task: what to do for a job.
        alive: a file whose lock says that this process lives.
        parent: the process id of the sweep.
    """
    guard = Guarded()
    guard.install()
    _leave_group()
    with lock_of(alive):
        if os.getppid() != parent:  # whoever goes on with the sweep need not wait for us
            os._exit(0)
        threading.Thread(target=_follow, args=(parent, guard), name="gittrack-orphan", daemon=True).start()
        with contextlib.suppress(EOFError, OSError):
            serve(connection, task, guard)


def serve(connection: Connection, task: Task, guard: Guarded) -> None:
    """Take jobs and answer them."""
    with contextlib.ExitStack() as stack:
        connection.send(READY)
        run: Callable[[Job, Guard], Done] | None = None
        while (job := connection.recv()) is not None:
            guard.busy = True
            try:
                if run is None:
                    run = stack.enter_context(task.opened())
                done = run(job, guard)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  ours: the sweep says it
                done = Done(job.number, None, failure(error))
            guard.busy = False
            connection.send(done)


@contextlib.contextmanager
def lock_of(path: Path) -> Iterator[None]:
    """Hold the lock that says that this process lives; processes that it forks do not hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    open_here = [descriptor]

    def leave() -> None:
        if open_here:
            os.close(open_here.pop())

    try_lock(descriptor)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=leave)
    try:
        yield
    finally:
        leave()


def _leave_group() -> None:  # pragma: no cover  another process
    if sys.platform != "win32":
        os.setsid()


def _follow(parent: int, guard: Guarded) -> None:  # pragma: no cover  another process
    """End this process and its trial once the sweep is gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    steps = ending(os.getpid(), signal.SIGTERM)
    while guard.busy:
        next(steps)
        time.sleep(_LOOK)
    os._exit(0)


def ending(pid: int, first: int) -> Iterator[None]:
    """End the trial of a worker, gently and then less so; go on with it until the trial has ended.

    A command gets the signal from its wrapper. A shell that waits for another program does not pass it on:
    so the whole group is told next.

    Args:
        pid: of the worker.
        first: the signal to begin with.
    """
    began = time.monotonic()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, first)
    yield
    while time.monotonic() - began < GRACE:
        yield
    signal_group(pid, first)
    while time.monotonic() - began < LAST:
        yield
    signal_group(pid, 9)
    while True:
        yield


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a worker and all that it started; nothing where it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, number)
        else:
            os.killpg(pid, number)
