"""`gittrack reproduce`: a recorded run once more, and whether it came to the same.

The code comes from the snapshot into a throw-away work tree, inputs are verified by digest, the environment
is the recorded one, and the command runs through the wrapper that recorded it. Original and repetition keep
the verdict: in a word as tags (see `launch.reproduction`), and all of it (see `query.verdict.kept`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, UsageError
from gittrack.launch.projects.fingerprint import ENTRY_POINT
from gittrack.launch.reproduction import inputs as reproduce_inputs
from gittrack.launch.reproduction.command import capture_options
from gittrack.launch.reproduction.judging import keep, name_of_repeat, verdict_of
from gittrack.launch.reproduction.launch import launch_of, words_of
from gittrack.launch.reproduction.prepare import prepared
from gittrack.launch.reproduction.values import REPRODUCES, Preparation, Reproduction
from gittrack.query.verdict.judge import not_comparable
from gittrack.query.verdict.rules import check_rules
from gittrack.tracking import wrap
from gittrack.tracking.seeding import seed_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.projects.request import Submitted
    from gittrack.store.runs import RunStore

    Progress = Callable[[str], None]

_MOST = 1000


def reproduce(
    run: str,
    *,
    env: str | None = None,
    repeat: int = 1,
    on: str | None = None,
    backend_config: Mapping[str, Any] | None = None,
    repo: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """Run a recorded run again and hold the results against each other.

    Args:
        run: an id, an unambiguous part of one, a name, `@last`, `@best:METRIC` and so on.
        env: `local` takes the environment as it is, `recorded` restores the recorded one; None takes the
            local one where it has the same packages, else the recorded one.
        repeat: how often; three or more allow a statistical verdict.
        on: the engine that runs it: `slurm`, `ray`, …; None for this process.
        backend_config: what the engine is told, besides `backends` in `gittrack.yaml`.
        repo: the repository, a path or a Git URL; as configured when None.
        progress: called with what is being done, in a few words.

    Returns:
        The verdict, the new runs, and what they were run with. What is missing makes it `not comparable`.

    Raises:
        RunNotFound, AmbiguousRun: no run matches, or several do.
        InvalidValue: a rule in `metrics` or `artifacts.compare` is none.
        UsageError: `env` or `repeat` makes no sense, or there is no such engine.
        EngineError: the engine needs something that is not installed.
    """
    from gittrack.query.select import resolve
    from gittrack.store.runs import RunStore

    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    engine = None
    if on is not None and on != "local":
        from gittrack.launch.backends.engine import Engine

        engine = Engine.of(store.config, on, backend_config)
    return repeat_run(store, resolve(store, run), env=env, repeat=repeat, on=engine, progress=progress)


def repeat_run(
    store: RunStore,
    original: Run,
    *,
    env: str | None = None,
    repeat: int = 1,
    on: Engine | None = None,
    write: Progress | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """The same, for a store that is open; `write` gets what a job on an engine prints.

    Raises:
        InvalidValue, UsageError: as :func:`reproduce`.
    """
    if not 1 <= repeat <= _MOST:
        msg = f"a run cannot be repeated {repeat} times"
        raise UsageError(msg, hint=f"give a number from 1 to {_MOST}")
    check_rules(store.config.get("metrics"), store.config.get("artifacts.compare"))
    engine = None if on is None else (on, write or _silent)
    tries = [_once(store, original, env, engine, progress)]
    while len(tries) < repeat and _may_go_on(tries[-1][1]):
        tries.append(_once(store, original, env, engine, progress))
    _may_go_on(tries[-1][1])
    preparation = tries[-1][0]
    runs = [run for _, run in tries if run is not None]
    if not runs:
        return Reproduction(original, (), not_comparable(original, preparation.missing), preparation)
    verdict = verdict_of(store, original, runs, preparation)
    keep(store, original, runs, verdict)
    return Reproduction(original, tuple(store.get(one.id) for one in runs), verdict, preparation)


def _may_go_on(run: Run | None) -> bool:
    """Whether another repetition makes sense.

    Raises:
        KeyboardInterrupt: the person who asked for them stopped this one.
    """
    if run is not None and run.status == "interrupted":
        raise KeyboardInterrupt
    return run is not None


def _once(
    store: RunStore,
    original: Run,
    env: str | None,
    on: tuple[Engine, Progress] | None,
    progress: Progress | None,
) -> tuple[Preparation, Run | None]:
    """One repetition: what it was run with, and its run, None where it could not be run."""
    with prepared(store, original, env, progress=progress, download=on is None) as ready:
        if ready.missing:
            return ready, None
        say = progress or _silent
        if on is not None:
            from gittrack.launch.backends import again

            return again.once(store, ready, env, on[0], write=on[1], progress=say)
        if ready.environment is not None:
            say(f"environment: {ready.environment.kind}, {ready.environment.reason}")
        for note in ready.notes:
            say(f"note: {note}")
        try:
            return ready, run_prepared(store, ready, say)
        except (GitTrackError, OSError) as error:
            return replace(ready, missing=(_reason(error),)), None


def compare_runs(store: RunStore, original: Run, repeats: Sequence[Run]) -> Reproduction:
    """The verdict on runs that are there; nothing is run and nothing is kept.

    Raises:
        InvalidValue: a rule in `metrics` or `artifacts.compare` is none.
    """
    verdict = verdict_of(store, original, repeats)
    return Reproduction(original, tuple(repeats), verdict, Preparation(original))


def preview(store: RunStore, original: Run, *, env: str | None = None) -> Preparation:
    """What would be done and what is missing; runs nothing.

    Raises:
        UsageError: there is no such choice of environment.
    """
    with prepared(store, original, env, download=False) as preparation:
        return preparation


def run_prepared(
    store: RunStore, preparation: Preparation, say: Progress, submitted: Submitted | None = None
) -> Run:
    """Run the command once; gives its run, recorded whatever became of it.

    Args:
        store: where it goes.
        preparation: of which nothing is missing.
        say: called with what is being done.
        submitted: what a submitter has settled of the run, None where there is none.

    Raises:
        GitTrackError, OSError: it cannot be run.
    """
    original, tree = preparation.run, preparation.tree
    if tree is None:
        msg = "unreachable: nothing is missing, so there is a work tree"
        raise AssertionError(msg)
    reproduce_inputs.place(store, list(preparation.inputs))
    directory = tree / (original.source.directory or ".")
    options, of_project = capture_options(original), ENTRY_POINT in original.tags
    wish = wrap.Wish(
        name=name_of_repeat(original) if original.name else None,
        experiment=original.experiment,
        tags={REPRODUCES: original.id},
        params_files=[directory / path for path in _texts(options, "params_files")],
        metrics_files=[Path(path) for path in _texts(options, "metrics_files")],
        params=dict(original.params) if of_project else {},  # its words need not have them
        metrics_from_output=options.get("metrics_from_output") is True,
        patterns=_texts(options, "patterns"),
        launch=launch_of(store, preparation, say),
        seed=seed_of(preparation.variables),
        run_id=submitted.run_id if submitted else None,
        parent_id=submitted.parent_id if submitted else None,
    )
    say(f"repeating {original.id}: {' '.join(preparation.command)[:200]}")
    wrapped = wrap.run(words_of(store, preparation), store, wish, cwd=directory)
    return wrapped.run or store.get(wrapped.run_id)


def _silent(_text: str) -> None:
    pass


def _texts(options: dict[str, Any], name: str) -> list[str]:
    found = options.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _reason(error: Exception) -> str:
    hint = getattr(error, "hint", None)
    return f"{error} ({hint})" if hint else str(error)
