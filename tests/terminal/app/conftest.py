"""Runs to look at on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact
from tests.cli.recorded import ENVIRONMENT, begin, record

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

START = 50_000_000  # the same day in most time zones
CSV = b"epoch,loss\n1,0.5\n2,0.25\n"


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    """Four runs, the oldest first: two that differ in the seed only, a wider one, a tiny one."""
    newer = {**ENVIRONMENT, "packages": {"numpy": "2.1"}}
    return [
        record(store, id=_id("a"), name="base", params={"lr": 0.1, "seed": 0}, start_time=START),
        record(store, id=_id("b"), name="base", params={"lr": 0.1, "seed": 1}, start_time=START + 1000),
        record(
            store,
            id=_id("c"),
            name="wide",
            params={"lr": 0.2, "seed": 0},
            start_time=START + 2000,
            environment=newer,
            output=b"one\ntwo\x1b[31mred\x1b[0m\n" + b"10%\r100%\n",
        ),
        record(store, id=_id("d"), name="tiny", start_time=START + 3000, experiment="other"),
    ]


def _id(letter: str) -> str:
    return f"19700101-135320-{letter * 8}"


def with_artifacts(store: RunStore, **contents: bytes) -> Run:
    """A run with artifacts; `_` in a name stands for the dot."""
    run, journal = begin(store, name="made", start_time=START)
    for name, data in contents.items():
        journal.event(ArtifactLogged(Artifact(name.replace("_", "."), *store.objects.put_bytes(data))))
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished
