"""Sweeps for programs: `gittrack.sweep`."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.plan import Asked, Limits
from gittrack.tracking import values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.launch.sweep.attempt import Ground
    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.runner import Runner
    from gittrack.launch.sweep.trials import SweepResult
    from gittrack.launch.sweep.view import View
    from gittrack.launch.sweep.workers import Method
    from gittrack.store.runs import RunStore


def sweep(  # noqa: PLR0913  each is a choice of its own
    function: Callable[..., Any],
    space: Mapping[str, Any] | None = None,
    *,
    metric: str | None = None,
    goal: Literal["min", "max"] | None = None,
    sampler: Literal["grid", "random", "tpe"] | None = None,
    trials: int | None = None,
    max_trials: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    stop: str | None = None,
    max_failures: int | None = None,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    name: str | None = None,
    experiment: str | None = None,
    tags: Mapping[str, object] = MappingProxyType({}),
    note: str | None = None,
    resume: str | None = None,
    processes: Method | None = None,
    repo: str | os.PathLike[str] | None = None,
    observe: Callable[[View], None] | None = None,
    progress: Callable[[str], None] | None = None,
) -> SweepResult:
    """Call a function with many params, each call a run, all of them nested in the run of the sweep.

    Args:
        function: takes the params by name, and logs with `gittrack.log_metric` and the like. A number
            that it returns is logged as `metric`, a mapping of numbers by its names.
        space: name to what the param may be: a list or range of values, text such as
            `"loguniform(1e-5, 0.1)"`, or one value. May be left out with `resume`.
        metric: tells which trial is best, by its last value.
        goal: whether less or more of it is better; None for what the setting `metrics` or its name says.
        sampler: `grid` takes each point once; `random` and `tpe` take ranges too.
        trials: how many; of a grid all when None.
        max_trials: how many points a grid may have without saying `trials`, 1,000 when None.
        seed: makes random choices the same again.
        workers: how many trials run at the same time, each in a process.
        stop: ends trials early: `median`, `median:STEP`, `halving` or `halving:STEP`.
        max_failures: start no more trials after so many failed.
        timeout: start no more trials after so many seconds.
        trial_timeout: end a trial after so many seconds.
        name: of the sweep; trials are called `NAME-0` and so on.
        experiment: of all runs; the configured one when None.
        tags: of all runs.
        note: of the sweep, Markdown.
        resume: a sweep to go on with, by id or name: what has ended stays, what was lost runs again.
        processes: `fork` (any function, the default on Linux) or `spawn` (a function of a module).
        repo: the repository to record in, a path or a Git URL; as configured when None.
        observe: called with a :class:`~gittrack.launch.sweep.view.View` at each change.
        progress: called with what is being done, in a few words.

    Returns:
        The trials, and which is best.

    Raises:
        SpaceError: a param has no values, a grid is too large, or has a range.
        UsageError: options that do not go together, or the function takes no such param.
        SweepFailed: no trial came to anything, or too many failed; carries `run_id`.
        SweepRunning: another process goes on with that sweep.
        NotARepository: there is no repository to record in.
        KeyboardInterrupt: ^C, after everything was recorded; `resume` goes on.
    """
    from gittrack.launch.sweep import asking, attempt
    from gittrack.store.runs import RunStore
    from gittrack.tracking.start import command_line, default_experiment

    store = RunStore.open(None if repo is None else os.fspath(repo))
    target = {"kind": "function", "name": f"{function.__module__}.{function.__qualname__}"}
    asked = Asked(
        {one: spaces.of(one, given) for one, given in (space or {}).items()},
        target,
        sampler,
        trials,
        max_trials,
        seed,
        metric,
        goal,
        stop,
        Limits(workers, max_failures, timeout, trial_timeout),
    )
    before = asking.find_sweep(store, resume) if resume is not None else None
    plan = asking.plan_for(store, asked) if before is None else asking.again(before, asked)
    asking.check_params(function, plan)
    label = attempt.Label(
        values.check_name(experiment, "experiment") if experiment else default_experiment(store.config),
        name or (before.name if before is not None else ""),
        values.check_tags(tags),
        note or "",
        command_line(),
    )
    return attempt.run(
        store,
        plan,
        label,
        runner_of(store, function, plan, label.command, processes),
        before=before,
        limits=asked.limits,
        environment=True,
        watchers=attempt.Watchers(observe, progress),
    )


def runner_of(
    store: RunStore,
    function: Callable[..., Any],
    plan: Plan,
    command: Sequence[str],
    processes: Method | None = None,
) -> Callable[[Ground], Runner]:
    """What runs the trials of a function: processes of this machine.

    Args:
        store: where the runs go.
        function: to call.
        plan: of the sweep.
        command: that started this process.
        processes: how they are started; None chooses.
    """
    import platform

    from gittrack.core.records import Run
    from gittrack.launch.sweep.functions import FunctionTask
    from gittrack.launch.sweep.workers import Workers, method_for
    from gittrack.tracking.surroundings import user

    def make(ground: Ground) -> Runner:
        known = Run(
            id="-",
            experiment=ground.around.experiment,
            command=tuple(store.redactor.argv(list(command))),
            user=user(),
            host=platform.node() or None,
            parent_id=ground.around.sweep_id,
            source=ground.source,
        )
        task = FunctionTask(ground.around, function, plan.metric, known, ground.environment)
        return Workers(store, task, ground.folder, method_for(task, processes))

    return make
