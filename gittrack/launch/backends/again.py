"""A recorded run once more on an engine: one repetition of `gittrack reproduce --on`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.launch.backends import submission
from gittrack.launch.backends.ordering import Order
from gittrack.launch.backends.portable import explain
from gittrack.launch.backends.work import MISSING
from gittrack.launch.reproduction.values import REPRODUCES
from gittrack.tracking.surroundings import enclosing_run, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.reproduction.values import Preparation
    from gittrack.store.runs import RunStore


def once(
    store: RunStore,
    ready: Preparation,
    env: str | None,
    on: Engine,
    *,
    write: Callable[[str], None],
    progress: Callable[[str], None],
) -> tuple[Preparation, Run | None]:
    """Repeat a run on an engine and wait for it.

    Args:
        store: of the original.
        ready: what is known of the repetition here; nothing is missing.
        env: which environment, see `launch.reproduction.environment`.
        on: the engine.
        write: called with what the job prints.
        progress: called with what is being done, in a few words.

    Returns:
        The preparation, with what was missing where the job ran, and the run; None without one to compare.
    """
    try:
        submitted = submission.submit(
            store, order_of(store, ready, env, on), on.backend, on.options, progress=progress
        )
        run = on.follow(store, submitted, write=write, progress=progress)
    except (GitTrackError, OSError) as error:
        return replace(ready, missing=(explain(error),)), None
    if MISSING in run.tags:
        return replace(ready, missing=(f"on {on.name}: {run.tags[MISSING]}",)), None
    return ready, run


def order_of(store: RunStore, ready: Preparation, env: str | None, on: Engine) -> Order:
    """A repetition as an order."""
    original = ready.run
    run = Run(
        id=store.new_id(),
        experiment=original.experiment,
        name=original.name,
        start_time=now_ms(),
        command=original.command,
        user=user(),
        parent_id=enclosing_run(store),
        source=replace(original.source, snapshot=ready.commit),
        params=original.params,
        tags={REPRODUCES: original.id},
    )
    work = {"kind": "reproduce", "backend": on.name, "run": original.id, "env": env}
    return Order(run, work, shared=on.shares(store))
