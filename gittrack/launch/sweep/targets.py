"""What the trials of a sweep run, as JSON in its plan, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep import words
from gittrack.launch.sweep.commands import CommandTask
from gittrack.launch.sweep.projects import Project, ProjectTask, texts
from gittrack.launch.sweep.tasks import Job
from gittrack.launch.sweep.workers import Workers, method_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.projects.request import Request
    from gittrack.launch.sweep.attempt import Ground
    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.runner import Runner
    from gittrack.launch.sweep.tasks import Around
    from gittrack.store.runs import RunStore


@dataclass(frozen=True)
class CommandTarget:
    """A command.

    Attributes:
        command: its words, with places for params.
        metrics_from_output: whether to look for metrics in lines of output.
        patterns: regular expressions for that.
        metrics_files: read when the command has ended.
    """

    command: Sequence[str]
    metrics_from_output: bool = False
    patterns: Sequence[str] = ()
    metrics_files: Sequence[str] = ()

    def to_json(self, store: RunStore) -> dict[str, Any]:
        """For the plan; secrets are hidden."""
        return {
            "kind": "command",
            "words": store.redactor.argv(list(self.command)),
            "metrics_from_output": self.metrics_from_output,
            "patterns": list(self.patterns),
            "metrics_files": list(self.metrics_files),
        }

    def check(self, store: RunStore, plan: Plan, around: Around) -> None:  # noqa: ARG002  as of a project
        """See that the command takes the params.

        Raises:
            UsageError: it has a place for one that there is not.
        """
        strange = words.unknown(self.command, plan.space)
        if strange:
            raise plans.unknown(strange, list(plan.space), "the space")

    def shown(self, store: RunStore, params: Mapping[str, Any], around: Around) -> str:  # noqa: ARG002
        """The command of a trial, secrets hidden."""
        import shlex

        return shlex.join(store.redactor.argv(words.fill(self.command, params)))

    def runner(self, store: RunStore, ground: Ground) -> Runner:
        """What runs the trials."""
        task = CommandTask(
            ground.around,
            tuple(self.command),
            self.metrics_from_output,
            tuple(self.patterns),
            tuple(map(Path, self.metrics_files)),
        )
        return Workers(store, task, ground.folder, method_for(task))


@dataclass(frozen=True)
class ProjectTarget:
    """An entry point of a project.

    Attributes:
        request: what all trials have in common.
        engine: that runs them, None for processes of this machine.
    """

    request: Request
    engine: Engine | None = None

    def to_json(self, store: RunStore) -> dict[str, Any]:
        """For the plan; secrets are hidden."""
        request = self.request
        hide = store.redactor.value
        return {
            "kind": "project",
            "uri": store.redactor.text(request.uri),
            "entry_point": request.entry_point,
            "version": request.version,
            "params": {name: hide(name, value) for name, value in request.params.items()},
            "manager": request.manager,
            "backend": self.engine.name if self.engine is not None else None,
        }

    def check(self, store: RunStore, plan: Plan, around: Around) -> None:  # noqa: ARG002
        """See that the entry point takes the params.

        Raises:
            UsageError: it does not declare one.
            GitTrackError: the project cannot be had, a param is missing or does not fit.
        """
        from gittrack.launch.projects import job as jobs
        from gittrack.launch.projects import parameters

        first = texts({name: _first(one) for name, one in plan.space.items()})
        request = replace(self.request, params={**self.request.params, **first})
        with jobs.opened(request, around.repository) as opened:
            declared = list(opened.entry.params)
            strange = [name for name in plan.space if name not in declared]
            if declared and strange:
                raise plans.unknown(strange, declared, f"entry point {opened.entry.name!r}")
            parameters.choose(opened.entry, request.params)

    def shown(self, store: RunStore, params: Mapping[str, Any], around: Around) -> str:  # noqa: ARG002
        """The command of a trial, secrets hidden."""
        with Project(self.request, around) as project:
            return str(project.job(Job(0, params, "-")).preview()["command"])

    def runner(self, store: RunStore, ground: Ground) -> Runner:
        """What runs the trials."""
        if self.engine is not None:
            from gittrack.launch.sweep.jobs import Jobs

            return Jobs(store, ground.around, self.request, self.engine)
        plain = replace(self.request, params=dict(self.request.params), tags=dict(self.request.tags))
        task = ProjectTask(ground.around, plain)  # it goes to other processes
        return Workers(store, task, ground.folder, method_for(task))


Target = CommandTarget | ProjectTarget


def _first(one: Any) -> Any:  # noqa: ANN401  a dimension, and a value of it
    return one.values[0] if hasattr(one, "values") else one.low


def of_plan(plan: Plan, config: Any, config_text: str | None = None) -> Target:  # noqa: ANN401  core.config.Config
    """The target that a plan names.

    Args:
        plan: of a sweep to go on with.
        config: of the store, for the backend.
        config_text: what the backend is told besides.

    Raises:
        UsageError: it is a function, or something of it was hidden.
    """
    from gittrack.core.redact import REDACTED
    from gittrack.core.text import dump_json
    from gittrack.launch.projects.request import Request

    target = dict(plan.target)
    if REDACTED in dump_json(target).decode():
        msg = "the command of that sweep had a secret in it, which was not kept"
        raise UsageError(msg, hint="give it again: gittrack sweep --resume RUN -- CMD…")
    if target.get("kind") == "command":
        given = {name: target[name] for name in ("metrics_from_output", "patterns", "metrics_files")}
        return CommandTarget(target["words"], **given)
    if target.get("kind") != "project":
        msg = "that sweep calls a function"
        raise UsageError(msg, hint=f"resume it in Python: gittrack.sweep({target.get('name')}, resume=RUN)")
    engine = None
    if target.get("backend"):
        from gittrack.launch.backends.engine import Engine

        engine = Engine.of(config, target["backend"], config_text)
    request = Request(
        target["uri"],
        target["entry_point"],
        params=target["params"],
        version=target["version"],
        manager=target["manager"],
    )
    return ProjectTarget(request, engine)
