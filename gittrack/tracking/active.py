"""Which run is active, and how a run ends whose program forgot to end it.

The active run is found by context (`contextvars`: each thread and asyncio task may start its own),
and where a context has none, by process: a thread that started nothing logs to the innermost run of
the main thread, where that has none to the first run of the process. Runs nest.

A run that is still active when the interpreter exits is ended then, with the status that is true:
failed after an uncaught exception or `sys.exit(1)`, interrupted after ^C.
"""

from __future__ import annotations

import atexit
import contextvars
import os
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import TracebackType

    from gittrack.core.records import Status
    from gittrack.tracking.session import ActiveRun

Stack = tuple["ActiveRun", ...]
_context: contextvars.ContextVar[Stack] = contextvars.ContextVar("gittrack_runs", default=())
_process: list[ActiveRun] = []
_main: list[ActiveRun] = []  # those of them that the main thread began
_INTERRUPTED = 130  # exit status of shells for ^C


class _Exit:
    """How the interpreter is about to end, as far as it tells."""

    def __init__(self) -> None:
        self.outcome: tuple[Status, int | None] = ("finished", None)
        self.watched = False

    def watch(self) -> None:
        """Listen to uncaught exceptions and `sys.exit`, once a process."""
        if self.watched:
            return
        self.watched = True
        hook, leave = sys.excepthook, sys.exit

        def on_exception(
            kind: type[BaseException], error: BaseException, traceback: TracebackType | None
        ) -> None:
            self.outcome = outcome_of(error)
            hook(kind, error, traceback)

        def on_exit(status: str | int | None = None) -> NoReturn:
            self.outcome = outcome_of(SystemExit(status))
            leave(status)

        sys.excepthook = on_exception
        sys.exit = on_exit
        atexit.register(self.end_all)

    def end_all(self) -> None:
        """End what is still active, the innermost first."""
        for run in reversed((*_process, *_context.get())):
            run.end(*self.outcome)


_exit = _Exit()


def current() -> ActiveRun | None:
    """The active run, None without one."""
    if stack := _context.get():
        return stack[-1]
    if _main:
        return _main[-1]
    return _process[0] if _process else None


def push(run: ActiveRun) -> None:
    """Make a run the active one."""
    _exit.watch()
    _context.set((*_context.get(), run))
    _process.append(run)
    if threading.current_thread() is threading.main_thread():
        _main.append(run)


def forget(run: ActiveRun) -> None:
    """Take a run from among the active ones."""
    _context.set(tuple(one for one in _context.get() if one is not run))
    for runs in (_process, _main):
        if run in runs:
            runs.remove(run)


def outcome_of(error: BaseException | None) -> tuple[Status, int | None]:
    """Status and exit code of a run whose block ended in this way."""
    if error is None:
        return "finished", None
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", None
    if isinstance(error, SystemExit):
        code = error.code
        if code is None or code == 0:
            return "finished", 0
        if code == _INTERRUPTED:
            return "interrupted", _INTERRUPTED
        return "failed", code if isinstance(code, int) else 1
    return "failed", None


def _after_fork() -> None:
    """A forked child keeps the active run, and leaves the end of it to its parent."""
    _exit.outcome = ("finished", None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
