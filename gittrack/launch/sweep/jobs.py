"""Trials as jobs of an engine: each an entry point of a project, handed over with its params."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.launch.backends import watching
from gittrack.launch.backends.base import EngineError, EngineUnreachable, Rejected
from gittrack.launch.backends.submission import Submission
from gittrack.launch.sweep.projects import Project
from gittrack.launch.sweep.tasks import Done, failure
from gittrack.store.journal.job import job_of

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.projects.request import Request
    from gittrack.launch.sweep.tasks import Around, Job
    from gittrack.launch.sweep.trials import Ending, Trial
    from gittrack.store.runs import RunStore

_SOON, _LATER = 0.05, 1.0  # seconds between two questions to an engine


class Jobs:
    """Trials on an engine.

    Args:
        store: where their runs go.
        around: the sweep.
        request: what all trials have in common.
        engine: that runs them.
    """

    def __init__(self, store: RunStore, around: Around, request: Request, engine: Engine) -> None:
        self._store = store
        self._around = around
        self._engine = engine
        self._project = Project(request, around)
        self._submitted: dict[int, Submission] = {}
        self._refused: list[Done] = []
        self._pause = _SOON

    def start(self, job: Job) -> None:
        """Hand it over.

        Raises:
            EngineError: the engine is not there.
        """
        ready = self._project.job(job)
        self._pause = _SOON
        try:
            submitted = self._engine.submit(ready, run_id=job.run_id, parent_id=self._around.sweep_id)
        except Rejected as error:
            self._refused.append(Done(job.number, self._store.get(job.run_id), failure(error)))
        else:
            self._submitted[job.number] = submitted

    def adopt(self, trial: Trial) -> bool:
        """Follow a trial that an earlier attempt handed over; whether the engine has it."""
        if not self._store.is_live(trial.run_id):
            return False
        document = job_of(self._store.live_directory(trial.run_id))
        if document is None or document.get("backend") != self._engine.name:
            return False
        self._submitted[trial.number] = Submission.from_json(trial.run_id, document)
        return True

    def wait(self, seconds: float) -> list[Done]:
        """Ask the engine until a trial has ended; an engine that does not answer now may do so later."""
        deadline = time.monotonic() + seconds
        while True:
            found, self._refused = self._refused, []
            for number, submitted in list(self._submitted.items()):
                run = self._over(submitted)
                if run is not None:
                    del self._submitted[number]
                    found.append(Done(number, run))
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(min(self._pause, max(0.0, deadline - time.monotonic())))
            self._pause = min(self._pause * 1.5, _LATER)

    def _over(self, submitted: Submission) -> Run | None:
        try:
            state = self._engine.backend.status(submitted.handle)
            return (
                watching.settle(self._store, submitted, state, self._engine.backend) if state.over else None
            )
        except EngineUnreachable:
            return None

    def end(self, number: int, how: Ending) -> None:  # noqa: ARG002  engines know one way
        """Cancel its job."""
        if number in self._submitted:
            with contextlib.suppress(EngineError):
                self._engine.backend.cancel(self._submitted[number].handle)

    def close(self) -> None:
        """Cancel what is left."""
        for number in self._submitted:
            with contextlib.suppress(GitTrackError):
                self.end(number, "kill")
        self._project.close()
