"""A verdict as it is kept, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.events import Judged
from gittrack.core.text import dump_json, load_json
from gittrack.query.verdict.judge import Verdict
from gittrack.query.verdict.kept import NoVerdict, document, from_document, kept
from gittrack.query.verdict.values import (
    ArtifactResult,
    Divergence,
    Interval,
    MetricResult,
    Outcome,
    Suspect,
)
from tests.cli.recorded import record

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

INTERVAL = Interval("earlier", 3, 0.5, 0.1, 0.95, 0.2, 0.8)
DIVERGENCE = Divergence("new", 2, 20, 0.5, None)
FULL = Verdict(
    "differs",
    "old",
    ("new",),
    ("earlier",),
    ("one thing",),
    (
        MetricResult("loss", 0, 0.5, (0.6, math.inf), "differs", atol=0.1, goal="min", first=DIVERGENCE),
        MetricResult("acc", 1, None, (None,), "statistically consistent", gate=False, interval=INTERVAL),
    ),
    (ArtifactResult("a.csv", "aa", ("bb", None), "differs", compare="numeric", note="row 3"),),
    (Suspect("packages", "numpy differs", 90, ("numpy 1 → 2",), "new"), Suspect("unknown", "who knows", 1)),
    ("loss",),
)


def through_file(verdict: Verdict) -> Verdict:
    """A verdict after it was written and read."""
    return from_document(load_json(dump_json(document(verdict))), "old")


@pytest.mark.parametrize("verdict", [FULL, Verdict("identical", "old")])
def test_there_and_back(verdict: Verdict) -> None:
    """Nothing of it is lost."""
    assert through_file(verdict) == verdict


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"verdict": "splendid", "original": "old"},
        {"verdict": "differs", "original": 1},
        {"verdict": "differs", "original": "old", "metrics": {}},
        {"verdict": "differs", "original": "old", "metrics": [{"key": "loss"}]},
        {"verdict": "differs", "original": "old", "metrics": [7]},
        {"verdict": "differs", "original": "old", "artifacts": [{"path": "x", "before": [], "after": []}]},
    ],
)
def test_what_is_none(found: dict[str, Any]) -> None:
    """Of another clone, it may be anything."""
    with pytest.raises(NoVerdict, match="no verdict that this version can read"):
        from_document(found, "old")


def _rows(outcome: Outcome, count: int) -> tuple[ArtifactResult, ...]:
    return tuple(ArtifactResult(f"{outcome}/{n:06}", "a" * 64, ("b" * 64,), outcome) for n in range(count))


def test_a_long_one() -> None:
    """What is identical goes first, then the last rows; how many is said."""
    found = document(Verdict("differs", "old", artifacts=(*_rows("identical", 3000), *_rows("differs", 2))))
    assert [one["path"] for one in found["artifacts"]] == ["differs/000000", "differs/000001"]
    assert found["left_out"] == {"metrics": 0, "artifacts": 3000}
    found = document(Verdict("differs", "old", artifacts=_rows("differs", 5000)))
    assert len(dump_json(found)) <= 256_000
    assert found["artifacts"][0]["path"] == "differs/000000"
    assert found["left_out"]["artifacts"] == 5000 - len(found["artifacts"])


def test_without_secrets() -> None:
    """Free text is cleaned before it is kept."""
    found = document(FULL, lambda text: text.replace("numpy", "***").replace("row", "***"))
    assert found["suspects"][0]["text"] == "*** differs"
    assert found["suspects"][0]["details"] == ["*** 1 → 2"]
    assert found["artifacts"][0]["note"] == "*** 3"


def test_with_a_run(store: RunStore) -> None:
    """The last one that is kept with it, and the run is what it was."""
    run = record(store)
    store.edit([run.id], [Judged(document(Verdict("differs", run.id)))])
    store.edit([run.id], [Judged(document(FULL))])
    assert kept(store, run.id) == FULL
    assert store.get(run.id) == run


def test_without_one(store: RunStore) -> None:
    """That is said."""
    with pytest.raises(NoVerdict, match="no verdict is kept with run"):
        kept(store, record(store).id)
