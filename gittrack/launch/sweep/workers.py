"""Trials in processes of this machine, which are kept from one trial to the next."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import time
import warnings
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.errors import GitTrackError, UsageError
from gittrack.core.files import is_locked
from gittrack.core.ids import random_text
from gittrack.launch.sweep import worker
from gittrack.launch.sweep.state import settled
from gittrack.launch.sweep.tasks import Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from gittrack.launch.sweep.tasks import Job, Task
    from gittrack.launch.sweep.trials import Ending, Trial
    from gittrack.store.runs import RunStore

Method = Literal["fork", "spawn"]
_SIGNALS = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM}
_LOOK = 0.1  # seconds between two looks at trials that are being ended
_PATIENCE = 5.0  # seconds that a worker without work has to leave


class CannotWork(GitTrackError):
    """A worker ended before it could take a trial."""


def method_for(task: Task, wanted: Method | None = None) -> Method:
    """How workers are started: forked on Linux, where any function will do; else as fresh interpreters.

    Raises:
        UsageError: a fresh interpreter is needed, and the task cannot be sent to it.
    """
    method: Method = wanted or ("fork" if sys.platform == "linux" and not _gpu_in_use() else "spawn")
    if method == "fork" and not hasattr(os, "fork"):
        msg = "this system cannot fork"
        raise UsageError(msg, hint='leave `processes` out, or say "spawn"')
    if method == "spawn":
        try:
            pickle.dumps(task)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            msg = f"the function cannot be sent to another process: {error}"
            raise UsageError(msg, hint="define it at the top of a module") from error
    return method


def _gpu_in_use() -> bool:
    """Whether CUDA runs in this process: a fork of it cannot use it."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    return bool(cuda is not None and cuda.is_initialized())


class _Worker:
    """One process, as its sweep sees it."""

    def __init__(self, task: Task, folder: Path, method: Method) -> None:
        context: Any = multiprocessing.get_context(method)
        self.alive = folder / random_text(10)
        ours, theirs = context.Pipe()
        self.connection: Connection = ours
        self.process: BaseProcess = context.Process(
            target=worker.main,
            args=(theirs, task, self.alive, os.getpid()),
            name="gittrack-trial",
            daemon=False,  # a trial may have processes of its own
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads at a fork: none of ours has a lock
            self.process.start()
        theirs.close()
        self.ready = False
        self.job: Job | None = None
        self.ending: Iterator[None] | None = None

    def give(self, job: Job) -> None:
        self.job = job
        with contextlib.suppress(OSError):  # it died: `wait` finds that out
            self.connection.send(job)

    def died(self) -> str:
        """How it ended, for it has."""
        self.process.join()
        code = self.process.exitcode or 0
        with contextlib.suppress(ValueError):
            return f"the process of the trial was ended by {signal.Signals(-code).name}"
        return f"the process of the trial ended with exit code {code}"


class Workers:
    """Trials in processes that are kept.

    Args:
        store: where their runs go.
        task: what a trial is.
        folder: where workers say that they live.
        method: how they are started.
    """

    def __init__(self, store: RunStore, task: Task, folder: Path, method: Method) -> None:
        self._store = store
        self._task = task
        self._folder = folder
        self._method: Method = method
        self._workers: list[_Worker] = []

    def start(self, job: Job) -> None:
        """Give it to a worker that has none, a new one where all are busy."""
        for one in [one for one in self._workers if one.job is None and not one.process.is_alive()]:
            self._forget(one)  # somebody killed it while it had nothing to do
        free = next((one for one in self._workers if one.job is None), None)
        if free is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = _Worker(self._task, self._folder, self._method)
            self._workers.append(free)
        free.give(job)

    def adopt(self, trial: Trial) -> bool:  # noqa: ARG002  engines have such
        """Nothing of an earlier attempt goes on: its workers have ended with it."""
        return False

    def wait(self, seconds: float) -> list[Done]:
        """What has ended.

        Raises:
            CannotWork: a worker died before its first trial.
        """
        deadline = time.monotonic() + seconds
        while True:
            for one in self._workers:
                if one.ending is not None:
                    next(one.ending)
            busy = {one.connection: one for one in self._workers if one.job is not None}
            left = deadline - time.monotonic()
            pause = min(left, _LOOK) if any(one.ending for one in busy.values()) else left
            ready: list[Any] = wait_for(list(busy), max(0.0, pause)) if busy else []
            found = [done for one in ready for done in self._take(busy[one])]
            if found or left <= 0 or not busy:
                return found

    def _take(self, one: _Worker) -> list[Done]:
        try:
            answer = one.connection.recv()
        except (EOFError, OSError):
            return [self._lost(one)]
        if answer == worker.READY:
            one.ready = True
            return []
        one.job, one.ending = None, None
        return [answer]

    def _lost(self, one: _Worker) -> Done:
        """A worker died in the middle of a trial: its run is finished here."""
        how, job = one.died(), one.job
        self._forget(one)
        if not one.ready or job is None:
            msg = f"trials cannot be run: {how}"
            hint = 'call sweep under `if __name__ == "__main__":`: a fresh interpreter imports the file'
            raise CannotWork(msg, hint=hint if self._method == "spawn" else None)
        return Done(job.number, settled(self._store, job.run_id), how)

    def _forget(self, one: _Worker) -> None:
        self._workers.remove(one)
        one.connection.close()
        one.alive.unlink(missing_ok=True)

    def end(self, number: int, how: Ending) -> None:
        """Signal its worker; what does not go is killed in the end."""
        for one in self._workers:
            if one.job is not None and one.job.number == number and one.process.pid is not None:
                if how == "kill":
                    worker.signal_group(one.process.pid, 9)
                elif one.ending is None:
                    one.ending = worker.ending(one.process.pid, _SIGNALS[how])

    def close(self) -> None:
        """Send all workers home."""
        for one in self._workers:
            if one.job is not None and one.process.pid is not None:
                worker.signal_group(one.process.pid, 9)
            with contextlib.suppress(OSError):
                one.connection.send(None)
        for one in self._workers:
            one.process.join(_PATIENCE)
            if one.process.is_alive() and one.process.pid is not None:
                worker.signal_group(one.process.pid, 9)
                one.process.join()
            one.connection.close()
            one.alive.unlink(missing_ok=True)
        self._workers.clear()


def leftovers(folder: Path) -> int:
    """How many workers of an earlier attempt still live."""
    with contextlib.suppress(FileNotFoundError):
        return sum(is_locked(path) for path in folder.iterdir())
    return 0
