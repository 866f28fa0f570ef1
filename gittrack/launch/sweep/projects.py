"""Trials that run an entry point of a project."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gittrack.launch.sweep import words
from gittrack.launch.sweep.commands import done_of
from gittrack.launch.sweep.output import Output
from gittrack.launch.sweep.tasks import Around, Done, Guard, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gittrack.launch.projects.request import Request


@dataclass(frozen=True)
class ProjectTask:
    """Runs an entry point of a project.

    Attributes:
        around: the sweep.
        request: what all trials have in common; their params come on top of its.
    """

    around: Around
    request: Request

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[Job, Guard], Done]]:
        """The project, fetched once for all."""
        os.chdir(self.around.folder)
        with Project(self.request, self.around) as project, Output():
            yield lambda job, _: self._run(project, job)

    def _run(self, project: Project, job: Job) -> Done:
        from gittrack.launch.projects import running

        ready = project.job(job)
        launched = running.run(ready)
        if launched.wrapped is None:  # pragma: no cover  nothing here asks for reuse
            return Done(job.number, launched.reused)
        return done_of(job, launched.wrapped, ready.store)


class Project(contextlib.ExitStack):
    """A project that is opened with the params of its first trial: it may have none that can be left out.

    Args:
        request: what all trials have in common.
        around: the sweep.
    """

    def __init__(self, request: Request, around: Around) -> None:
        super().__init__()
        self._request = request
        self._around = around
        self._opened: Any = None

    def job(self, job: Job) -> Any:  # noqa: ANN401  launch.job.Job, whose name is taken here
        """What is to be run for a trial.

        Raises:
            GitTrackError: the project cannot be had, or a param does not fit.
        """
        from gittrack.launch.projects import job as jobs

        if self._opened is None:
            first = replace(self._request, params={**self._request.params, **texts(job.params)})
            opened = self.enter_context(jobs.opened(first, self._around.repository))
            self._opened = replace(opened, store=opened.store.on(self._around.topic))
        return project_job(self._opened, self._around, job)


def texts(params: Mapping[str, Any]) -> dict[str, str]:
    """Params as a command line would have them."""
    return {name: words.text(one) for name, one in params.items()}


def project_job(opened: Any, around: Around, job: Job) -> Any:  # noqa: ANN401  launch.job.Job
    """The job of a project with the params of a trial.

    Args:
        opened: from `launch.job.opened`.
        around: the sweep.
        job: the trial.

    Raises:
        WrongParam: a param is missing, or does not fit.
    """
    from gittrack.launch.projects import parameters
    from gittrack.launch.projects.request import Submitted

    params = {**opened.request.params, **texts(job.params)}
    request = replace(
        opened.request,
        params=params,
        experiment=around.experiment,
        name=around.name_of(job),
        tags={**opened.request.tags, **around.tags_of(job)},
        submitted=Submitted(job.run_id, parent_id=around.sweep_id),
    )
    return replace(opened, request=request, given=parameters.choose(opened.entry, params))
