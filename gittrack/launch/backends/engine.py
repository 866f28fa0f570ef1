"""A backend with what it was told: what `--backend` and `--on` name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.launch.backends import all_backends, following, job_files, options, ordering, submission
from gittrack.launch.backends.base import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.core.config import Config
    from gittrack.core.records import Run
    from gittrack.launch.backends.base import Backend
    from gittrack.launch.backends.submission import Submission
    from gittrack.launch.projects.job import Job
    from gittrack.store.runs import RunStore

    Progress = Callable[[str], None] | None


@dataclass(frozen=True)
class Engine:
    """An engine to run projects on.

    Attributes:
        name: of the backend.
        options: what it was told, checked.
        backend: what was made of both.
    """

    name: str
    options: Mapping[str, Any]
    backend: Backend

    @classmethod
    def of(cls, config: Config, name: str, more: Mapping[str, Any] | str | None = None) -> Engine:
        """An engine as configured.

        Args:
            config: `backends.NAME` is read.
            name: of the backend.
            more: options that win over those; a mapping, or text as `--backend-config` takes it.

        Raises:
            UsageError: there is no such backend, or it cannot be told that.
            EngineError: it needs something that is not installed.
        """
        own = options.parse(more) if isinstance(more, str) else dict(more or {})
        known = all_backends.find(name).OPTIONS
        told = options.checked(name, known, options.given(config, name, known, own))
        return cls(name, told, all_backends.make(name, told))

    def preview(self, job: Job) -> dict[str, Any]:
        """What would be done, as JSON has it; the job in the engine's words is under `job`."""
        shown = self._shown(job.store)
        order = ordering.order_of(job, self.name, shared=self.backend.shares(""))
        text = submission.preview(job.store, order, all_backends.make(self.name, shown), self.options)
        return {**job.preview(), "backend": self.name, "options": shown, "job": text}

    def submit(
        self,
        job: Job,
        *,
        run_id: str | None = None,
        parent_id: str | None = None,
        progress: Progress = None,
    ) -> Submission:
        """Hand a project over; its run is there, queued, when this returns.

        Args:
            job: from :func:`gittrack.launch.projects.job.opened`.
            run_id: the id for its run, a new one when None.
            parent_id: the run to nest it in, the one around this process when None.
            progress: called with what is being done, in a few words.

        Raises:
            EngineError: the engine is not there or refuses it; the run is recorded as failed then.
            RemoteError: the file system is not shared, and the code cannot be pushed; the same.
            UsageError: the code or a param cannot travel.
            WrongParam: a `path` param names nothing.
        """
        shared = self.shares(job.store)
        order = ordering.order_of(job, self.name, shared=shared, run_id=run_id, parent_id=parent_id)
        return submission.submit(job.store, order, self.backend, self.options, progress=progress)

    def shares(self, store: RunStore) -> bool:
        """Whether jobs see the repository of the runs; True where the engine cannot say now."""
        try:
            with job_files.probe(store.git) as path:
                return self.backend.shares(str(path))
        except EngineError:
            return True  # the submission meets the same trouble, and records it

    def follow(
        self,
        store: RunStore,
        submitted: Submission,
        *,
        write: Callable[[str], None],
        progress: Progress = None,
    ) -> Run:
        """Wait for the job to end; see :func:`gittrack.launch.backends.following.follow`."""
        return following.follow(store, submitted, self.backend, write=write, progress=progress)

    def _shown(self, store: RunStore) -> dict[str, Any]:
        """The options with secrets hidden."""
        hide = store.redactor.value
        shown = {key: hide(key, one) for key, one in self.options.items()}
        if "environment" in shown:
            shown["environment"] = {key: hide(key, one) for key, one in self.options["environment"].items()}
        return shown
