"""Waits for a job, with what it prints."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gittrack.launch.backends.base import EngineError, State
from gittrack.launch.backends.tail import pass_on
from gittrack.launch.backends.watching import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run
    from gittrack.launch.backends.base import Backend
    from gittrack.launch.backends.submission import Submission
    from gittrack.store.runs import RunStore

_SOON, _LATER = 0.05, 2.0  # seconds between two questions: at first, and after a while


def follow(
    store: RunStore,
    submission: Submission,
    backend: Backend,
    *,
    write: Callable[[str], None],
    progress: Callable[[str], None] | None = None,
) -> Run:
    """Wait for a job to end; gives its run.

    Args:
        store: where the run is.
        submission: the job.
        backend: what has it.
        write: called with what the job prints.
        progress: called with what the engine says, in a few words.

    Raises:
        EngineUnreachable: the engine has gone; the run may go on.
        KeyboardInterrupt: the user interrupted it; the job was cancelled and the run recorded.
    """
    watch = _Watch(backend, submission, write, progress)
    try:
        state = watch.wait()
    except KeyboardInterrupt:
        with suppress(EngineError):
            _insist(lambda: backend.cancel(submission.handle))
            state = watch.wait()
            settle(store, submission, State("cancelled", state.exit_code, state.reason), backend)
        raise
    run = settle(store, submission, state, backend)
    return run or store.get(submission.run_id)


def _insist(act: Callable[[], None]) -> None:
    """Do it; a second ^C on the heels of the first does not keep it from being done."""
    try:
        act()
    except KeyboardInterrupt:
        act()


class _Watch:
    """Asks for the state of a job until it is over, and passes on what it prints meanwhile."""

    def __init__(
        self,
        backend: Backend,
        submission: Submission,
        write: Callable[[str], None],
        progress: Callable[[str], None] | None,
    ) -> None:
        self._backend = backend
        self._handle = submission.handle
        self._job = f"{submission.backend} job {submission.handle.get('id', '')}"
        self._reader = backend.logs(submission.handle)
        self._write = write
        self._progress = progress
        self._said = ""

    def wait(self) -> State:
        pause = _SOON
        while True:
            state = self._backend.status(self._handle)
            printed = pass_on(self._reader, self._write)
            if state.over:
                return state
            pause = _SOON if self._tell(state) or printed else min(pause * 1.5, _LATER)
            time.sleep(pause)

    def _tell(self, state: State) -> bool:
        """Say what has changed; whether anything has."""
        said = state.phase + (f": {state.reason}" if state.reason else "")
        changed, self._said = said != self._said, said
        if changed and self._progress is not None:
            self._progress(f"{self._job} is {said}")
        return changed
