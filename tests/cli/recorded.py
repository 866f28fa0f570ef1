"""Runs in a repository, to look at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gittrack.core.events import ArtifactLogged, Ended, EnvironmentCaptured
from gittrack.core.records import Artifact, Run
from gittrack.core.times import now_ms

if TYPE_CHECKING:
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

ENVIRONMENT = {
    "schema": "gittrack.environment/1",
    "python": {"version": "3.11"},
    "packages": {"numpy": "2.0"},
}


def begin(store: RunStore, **fields: Any) -> tuple[Run, Journal]:
    """A run that is being written; it has logged 20 points of `loss` and `acc`."""
    run = Run(**{"id": store.new_id(), "start_time": now_ms(), "experiment": "digits", **fields})
    journal = store.create(run)
    for step in range(20):
        loss = math.exp(-step / 10)
        journal.point("loss", loss, step)
        journal.point("acc", 1 - loss / 2, step)
    return run, journal


def record(
    store: RunStore, *, output: bytes = b"", environment: dict[str, Any] = ENVIRONMENT, **fields: Any
) -> Run:
    """A run that has ended and is committed."""
    run, journal = begin(store, **fields)
    if output:
        journal.event(ArtifactLogged(Artifact("output.log", *store.objects.put_bytes(output))))
    journal.event(EnvironmentCaptured(environment))
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished
