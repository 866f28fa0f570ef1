"""Sweeps for the command line: from its options to a sweep that can be looked at or run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.launch.sweep import asking, attempt, samplers, targets
from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.tasks import Around
from gittrack.tracking import values
from gittrack.tracking.start import command_line, default_experiment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run
    from gittrack.launch.sweep.attempt import Label, Watchers
    from gittrack.launch.sweep.plan import Asked, Limits, Plan
    from gittrack.launch.sweep.targets import Target
    from gittrack.launch.sweep.trials import SweepResult
    from gittrack.store.runs import RunStore

_SHOWN = 1000


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        asked: the space and how it is searched.
        target: what the trials run; None for what the sweep to go on with ran.
        resume: RUN, the sweep to go on with; None for a new one.
        backend_config: what the backend of that sweep is told.
        name: of the sweep.
        experiment: of all runs; the configured one when None.
        tags: of all runs.
        note: of the sweep.
        limited: the names of the limits that were given; the others are those of the sweep to go on with.
    """

    asked: Asked
    target: Target | None = None
    resume: str | None = None
    backend_config: str | None = None
    name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str | None = None
    limited: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Prepared:
    """A sweep that can be run.

    Attributes:
        store: where the runs go.
        plan: what is to be done.
        target: what the trials run.
        label: how its run is called.
        before: the sweep to go on with, None for a new one.
        limits: of this attempt.
    """

    store: RunStore
    plan: Plan
    target: Target
    label: Label
    before: Run | None
    limits: Limits

    def run(self, watchers: Watchers | None = None) -> SweepResult:
        """Run it; raises what :func:`attempt.run` does."""
        return attempt.run(
            self.store,
            self.plan,
            self.label,
            lambda ground: self.target.runner(self.store, ground),
            before=self.before,
            limits=self.limits,
            watchers=watchers,
        )

    def preview(self) -> dict[str, Any]:
        """What would be run, as JSON has it: the trials as far as they are known before any has run."""
        sampler = samplers.make(self.plan)
        known = 0 if self.plan.sampler == "tpe" else min(self.plan.trials, _SHOWN)
        trials = [sampler.ask(number) for number in range(known)]
        hide = self.store.redactor.value
        around = _around(self.store, self.label)
        return {
            **self.plan.to_json(),
            "says": self.plan.says(),
            "varying": spaces.varying(self.plan.space),
            "command": self.target.shown(self.store, trials[0], around) if trials else None,
            "points": [{key: hide(key, one) for key, one in params.items()} for params in trials],
        }


def prepare(store: RunStore, wanted: Wanted) -> Prepared:
    """See that a sweep can be run; nothing is recorded.

    Raises:
        SpaceError: a param has no values, a grid is too large, or has a range.
        UsageError: options that do not go together; the target takes no such param.
        GitTrackError: the project cannot be had, or the sweep to go on with cannot be read.
    """
    before = asking.find_sweep(store, wanted.resume) if wanted.resume is not None else None
    if before is None:
        assert wanted.target is not None  # noqa: S101  the command line sees to it
        target = wanted.target
        plan = asking.plan_for(store, replace(wanted.asked, target=target.to_json(store)))
        limits = plan.limits
    else:
        given = wanted.target.to_json(store) if wanted.target is not None else {}
        plan = asking.again(before, replace(wanted.asked, target=given))
        target = wanted.target or targets.of_plan(plan, store.config, wanted.backend_config)
        own = {name: getattr(wanted.asked.limits, name) for name in wanted.limited}
        limits = replace(plan.limits, **own)
    label = _label(store, wanted, before)
    target.check(store, plan, _around(store, label))
    return Prepared(store, plan, target, label, before, limits)


def _label(store: RunStore, wanted: Wanted, before: Run | None) -> Label:
    known = before.experiment if before is not None else default_experiment(store.config)
    return attempt.Label(
        values.check_name(wanted.experiment, "experiment") if wanted.experiment else known,
        wanted.name or (before.name if before is not None else ""),
        values.check_tags(wanted.tags),
        wanted.note or "",
        command_line(),
    )


def _around(store: RunStore, label: Label) -> Around:
    from pathlib import Path

    place = store.git.place
    return Around(str(place.work_tree or place.git_dir), Path.cwd(), "-", label.experiment, label.name)
