"""What a worker does for each trial: call a function, run a command, or run an entry point of a project."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from gittrack.core.errors import GitTrackError
from gittrack.core.times import now_ms
from gittrack.launch.sweep import words
from gittrack.launch.sweep.output import Output, last_line
from gittrack.launch.sweep.trials import NUMBER, OF
from gittrack.store.runs import RunStore
from gittrack.tracking import active, values
from gittrack.tracking.surroundings import WRAPPED_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gittrack.core.records import Run, Status
    from gittrack.launch.request import Request
    from gittrack.tracking.wrap import Wrapped


class Stopped(BaseException):
    """A trial was told to end; no `except Exception` of a program catches it."""


@dataclass(frozen=True)
class Job:
    """What a worker is told.

    Attributes:
        number: of the trial.
        params: of it.
        run_id: for its run.
    """

    number: int
    params: Mapping[str, Any]
    run_id: str


@dataclass(frozen=True)
class Done:
    """What a worker answers.

    Attributes:
        number: of the trial.
        run: as it was committed, None where it was not.
        error: what went wrong, in one line.
    """

    number: int
    run: Run | None
    error: str | None = None


@dataclass(frozen=True)
class Around:
    """What all trials of a sweep have in common.

    Attributes:
        repository: where the runs go.
        folder: where the sweep was started.
        sweep_id: of its run.
        experiment: of all runs.
        name: of the sweep; that of a trial is made of it.
        tags: of each trial.
        topic: that the runs go to, None for the runs branch.
    """

    repository: str
    folder: Path
    sweep_id: str
    experiment: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)  # it goes to other processes
    topic: str | None = None

    def store(self) -> RunStore:
        """The store, opened in this process."""
        return RunStore.open(self.repository, start=self.folder).on(self.topic)

    def name_of(self, job: Job) -> str | None:
        """The name of a trial's run."""
        return f"{self.name}-{job.number}" if self.name else None

    def tags_of(self, job: Job) -> dict[str, str]:
        """The tags of a trial's run: they are all that says what it is."""
        return {**self.tags, OF: self.sweep_id, NUMBER: str(job.number)}


Guard = contextlib.AbstractContextManager[None]
"""While it is entered, a signal raises `Stopped` or KeyboardInterrupt."""


class Task(Protocol):
    """Runs trials, one after the other, in a process of its own."""

    def opened(self) -> contextlib.AbstractContextManager[Callable[[Job, Guard], Done]]:
        """Prepare what all trials need; gives what runs one."""
        ...


# ---- functions


@dataclass(frozen=True)
class FunctionTask:
    """Calls a function.

    Attributes:
        around: the sweep.
        function: takes params by name. A number that it returns is logged as `metric`, a mapping of
            numbers by its names.
        metric: of the sweep.
        known: what is known of every run before it starts.
        environment: the document of `environment.yaml`.
    """

    around: Around
    function: Callable[..., Any]
    metric: str | None
    known: Run
    environment: Mapping[str, Any]

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[Job, Guard], Done]]:
        """The store, once for all. The run around the sweep is none of what a trial starts."""
        for name in (WRAPPED_IN, "GITTRACK_JOURNAL"):
            os.environ.pop(name, None)
        store = self.around.store()
        with Output() as output:
            yield lambda job, guard: self._run(store, output, job, guard)

    def _run(self, store: RunStore, output: Output, job: Job, guard: Guard) -> Done:
        from gittrack.tracking.begin import begin

        hide = store.redactor.value
        params = values.check_params(job.params)
        begun = replace(
            self.known,
            id=job.run_id,
            start_time=now_ms(),
            params={key: hide(key, one) for key, one in params.items()},
            name=self.around.name_of(job) or "",
            tags=self.around.tags_of(job),
        )
        run = begin(store, begun, self.environment)
        output.begin(store.live_directory(run.run_id))
        outcome: tuple[Status, int | None] = ("finished", None)
        error = None
        try:
            with guard:
                self._keep(self.function(**job.params))
        except BaseException as raised:  # noqa: BLE001  a trial may fail in any way, the worker goes on
            outcome = ("killed", None) if isinstance(raised, Stopped) else active.outcome_of(raised)
            error = _said(raised)
            output.say("".join(traceback.format_exception(raised)) if outcome[0] == "failed" else error)
        kept = output.end(store)
        if kept is not None:
            run.log_artifact(kept)
        run.end(*outcome)
        return Done(job.number, run.record, error if outcome[0] != "finished" else None)

    def _keep(self, result: object) -> None:
        """Log what the function returned, where that is a number or a mapping of numbers."""
        run = active.current()
        if run is None:
            return
        if isinstance(result, Mapping):
            numbers = {str(key): one for key, one in result.items() if _is_number(one)}
        else:
            numbers = {self.metric: result} if self.metric is not None and _is_number(result) else {}
        run.log_metrics(numbers)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return False
    return isinstance(value, (int, float)) or (hasattr(value, "item") and getattr(value, "size", 1) == 1)


def _said(error: BaseException) -> str:
    return traceback.format_exception_only(type(error), error)[-1].strip()[:500]


# ---- commands


@dataclass(frozen=True)
class CommandTask:
    """Runs a command.

    Attributes:
        around: the sweep.
        command: its words, with places for params.
        metrics_from_output: whether to look for metrics in lines of output.
        patterns: regular expressions for that.
        metrics_files: read when the command has ended.
    """

    around: Around
    command: Sequence[str]
    metrics_from_output: bool = False
    patterns: Sequence[str] = ()
    metrics_files: Sequence[Path] = ()

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[Job, Guard], Done]]:
        """The store, once for all."""
        os.chdir(self.around.folder)
        store = self.around.store()
        with Output():  # the output is with the runs; here it would be between the lines of the sweep
            yield lambda job, _: self._run(store, job)

    def _run(self, store: RunStore, job: Job) -> Done:
        from gittrack.tracking import wrap

        wish = wrap.Wish(
            name=self.around.name_of(job),
            experiment=self.around.experiment,
            tags=self.around.tags_of(job),
            params=job.params,
            metrics_from_output=self.metrics_from_output,
            patterns=self.patterns,
            metrics_files=self.metrics_files,
            launch=wrap.Launch(variables=words.variables(job.params)),
            run_id=job.run_id,
            parent_id=self.around.sweep_id,
        )
        return _done(job, wrap.run(words.fill(self.command, job.params), store, wish), store)


def _done(job: Job, wrapped: Wrapped, store: RunStore) -> Done:
    run = wrapped.run
    if wrapped.error is not None:
        return Done(job.number, run, wrapped.error.message)
    if run is None or run.status == "finished":
        return Done(job.number, run)
    how = f"exit code {run.exit_code}" if run.exit_code else f"{run.status} by {run.signal}"
    said = last_line(store, run)
    return Done(job.number, run, f"{how}: {said}" if said else how)


# ---- projects


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
        from gittrack.launch import running

        ready = project.job(job)
        launched = running.run(ready)
        if launched.wrapped is None:  # pragma: no cover  nothing here asks for reuse
            return Done(job.number, launched.reused)
        return _done(job, launched.wrapped, ready.store)


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
        from gittrack.launch import job as jobs

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
    from gittrack.launch import parameters
    from gittrack.launch.request import Submitted

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


def failure(error: BaseException) -> str:
    """What kept a trial from being run, in one line."""
    return error.message if isinstance(error, GitTrackError) else _said(error)
