"""A sweep from its first trial to its last, or from where an earlier attempt of it stopped."""

from __future__ import annotations

import contextlib
import platform
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.events import Ended, EnvironmentCaptured, TagsSet
from gittrack.core.records import Run, Source
from gittrack.core.text import dump_json
from gittrack.core.times import now_ms
from gittrack.launch.sweep import samplers, state
from gittrack.launch.sweep.interrupts import Interrupts
from gittrack.launch.sweep.outcome import raise_for, result_of
from gittrack.launch.sweep.scheduler import Scheduler
from gittrack.launch.sweep.tasks import Around
from gittrack.launch.sweep.trials import BEST, PLAN
from gittrack.launch.sweep.workers import leftovers
from gittrack.tracking import active, values
from gittrack.tracking.surroundings import enclosing_run, user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.core.records import Status
    from gittrack.launch.sweep.plan import Limits, Plan
    from gittrack.launch.sweep.runner import Runner
    from gittrack.launch.sweep.trials import SweepResult, Trial
    from gittrack.launch.sweep.view import View
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

_PATIENCE = 60.0  # seconds that a resumed sweep waits for processes of the attempt before
_LOOK = 0.05


class SweepRunning(GitTrackError):
    """Somebody else goes on with this sweep."""


@dataclass(frozen=True)
class Label:
    """How the run of a sweep is called.

    Attributes:
        name: of it; those of trials are made of it.
        experiment: of all runs.
        tags: of all runs.
        note: of the sweep.
        command: the words that started it.
    """

    experiment: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    command: Sequence[str] = ()


@dataclass(frozen=True)
class Ground:
    """What trials stand on.

    Attributes:
        around: the sweep.
        source: the code when this attempt began.
        environment: the document of `environment.yaml`; empty where trials capture their own.
        folder: where workers say that they live.
        before: the run of the sweep as it was, None for a new one.
    """

    around: Around
    source: Source
    environment: Mapping[str, Any]
    folder: Path
    before: Run | None


@dataclass(frozen=True)
class Watchers:
    """Who is told.

    Attributes:
        observe: called with each change.
        progress: called with what is being done, in a few words.
    """

    observe: Callable[[View], None] | None = None
    progress: Callable[[str], None] | None = None

    def say(self, text: str) -> None:
        """Tell what is being done."""
        if self.progress is not None:
            self.progress(text)


def run(  # noqa: PLR0913  what makes a sweep
    store: RunStore,
    plan: Plan,
    label: Label,
    runner_of: Callable[[Ground], Runner],
    *,
    before: Run | None = None,
    limits: Limits | None = None,
    environment: bool = False,
    watchers: Watchers | None = None,
) -> SweepResult:
    """Run a sweep, or what is left of one.

    Args:
        store: where the runs go.
        plan: what to do.
        label: how its run is called.
        runner_of: makes what runs the trials.
        before: the run of the sweep to go on with; None begins one.
        limits: of this attempt, those of the plan when None.
        environment: whether to capture the environment here, for all trials.
        watchers: who is told what happens.

    Raises:
        SweepRunning: another process goes on with it.
        SweepFailed: no trial came to anything, or too many failed.
        NoSuchMetric: no trial logged the metric.
        KeyboardInterrupt: it was interrupted; everything is recorded and it can be resumed.
    """
    watchers = watchers or Watchers()
    sampler = samplers.make(plan)  # what is missing is said before anything is recorded
    sweep_id, journal, ground = _begin(store, plan, label, before, environment=environment)
    status: Status = "failed"
    try:
        with Interrupts() as interrupts:
            known = _known(store, ground, plan, watchers, interrupts) if before is not None else []
            for one in known:
                if one.done:
                    sampler.tell(one)
            with contextlib.closing(runner_of(ground)) as runner:
                scheduler = Scheduler(
                    store,
                    sweep_id,
                    plan,
                    limits or plan.limits,
                    sampler,
                    runner,
                    known=known,
                    observe=watchers.observe,
                )
                scheduler.run(interrupts)
            result = result_of(sweep_id, plan, scheduler.trials, scheduler.reason)
            status = result.status
            _tag_best(journal, result)
    finally:
        journal.event(Ended(status, now_ms()))
        journal.close()
        store.finish(sweep_id)
        shutil.rmtree(ground.folder, ignore_errors=True)
    raise_for(result)
    return result


def _begin(
    store: RunStore, plan: Plan, label: Label, before: Run | None, *, environment: bool
) -> tuple[str, Journal, Ground]:
    """The run of the sweep, begun or taken up again."""
    from gittrack.tracking.background import capture_environment, capture_source

    here = _folder(store, before)
    source = capture_source(store.code, store.config, here)
    captured = capture_environment(store.config) if environment else {}
    run_id = store.new_id() if before is None else before.id
    hide = store.redactor
    tags = {**label.tags, PLAN: dump_json(plan.to_json()).decode()}
    begun = Run(
        id=run_id,
        experiment=label.experiment,
        name=hide.text(values.check_name(label.name)) if label.name else "",
        start_time=now_ms(),
        command=tuple(hide.argv(list(label.command))),
        user=user(),
        host=platform.node() or None,
        parent_id=_parent(store) if before is None else before.parent_id,
        source=source,
        tags={key: hide.text(text) for key, text in values.check_tags(tags).items()},
        note=hide.text(values.check_note(label.note or plan.says())),
    )
    journal = store.create(begun) if before is None else _taken_up(store, before, begun)
    if captured:
        journal.event(EnvironmentCaptured(captured))
    around = Around(
        str(store.git.place.work_tree or store.git.place.git_dir),
        here,
        run_id,
        label.experiment,
        label.name,
        dict(label.tags),
        store.topic,
    )
    return run_id, journal, Ground(around, source, captured, store.git.directory / "sweeps" / run_id, before)


def _folder(store: RunStore, before: Run | None) -> Path:
    """Where trials run: the folder in which the sweep was begun, in this work tree."""
    top = store.code.place.work_tree if store.code is not None else None
    inside = before.source.directory if before is not None else None
    if top is None or inside is None or ".." in Path(inside).parts or Path(inside).is_absolute():
        return Path.cwd()
    return top / inside if (top / inside).is_dir() else Path.cwd()


def _parent(store: RunStore) -> str | None:
    around = active.current()
    return around.run_id if around is not None else enclosing_run(store)


def _taken_up(store: RunStore, before: Run, attempt: Run) -> Journal:
    """The journal of another attempt; of two that want one, one gets it."""
    store.recover()
    msg = f"sweep {before.id} is running"
    hint = "one process at a time goes on with a sweep; wait for it, or interrupt it first"
    if store.is_live(before.id):
        raise SweepRunning(msg, hint=hint)
    try:
        return store.resume(before.id, replace(attempt, name=before.name, note=before.note))
    except InvalidValue as error:
        raise SweepRunning(msg, hint=hint) from error


def _known(
    store: RunStore, ground: Ground, plan: Plan, watchers: Watchers, interrupts: Interrupts
) -> list[Trial]:
    """The trials of earlier attempts, once no process of those is left."""
    deadline = time.monotonic() + _PATIENCE
    said = False
    while count := leftovers(ground.folder):
        if not said:
            watchers.say(f"waiting for {count} trial{'s' * (count > 1)} of the attempt before to end")
            said = True
        if interrupts.count:
            raise KeyboardInterrupt
        if time.monotonic() > deadline:
            msg = f"{count} trials of the attempt before are still running"
            raise SweepRunning(msg, hint="end their processes and resume again")
        time.sleep(_LOOK)
    store.recover()
    return state.trials_of(store, ground.around.sweep_id, plan)


def _tag_best(journal: Journal, result: SweepResult) -> None:
    found = result.best
    journal.event(TagsSet({BEST: None if found is None else found.run_id}))
