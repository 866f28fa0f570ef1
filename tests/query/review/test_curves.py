"""Curves of groups: means, bands, every extreme; and what is read for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from gittrack.core.series import Series
from gittrack.query.review.api import review_runs
from gittrack.query.review.curves import COLUMNS, RUNS, bands_of, curves_of, spread
from gittrack.query.review.reading import environments, points
from gittrack.store.commit import branch as runs_branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.reviews import ENVIRONMENT, made, record
from tests.support.runs import run as plain_run
from tests.support.runs import series

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def test_a_band() -> None:
    """Mean, smallest and largest at each step."""
    (band,) = bands_of([("x", [series("a", 1.0, 2.0), series("a", 3.0, 6.0)])])
    assert (band.steps, band.means, band.lows, band.highs) == ((0.0, 1.0), (2.0, 4.0), (1.0, 2.0), (3.0, 6.0))
    assert band.runs == 2


def test_what_cannot_be_drawn() -> None:
    """NaN and infinities are left out; a group without points has no band."""
    (band,) = bands_of([("x", [series("a", 1.0, math.nan, math.inf)]), ("y", [])])
    assert (band.label, band.steps) == ("x", (0.0,))
    assert bands_of([("x", [])]) == ()
    assert bands_of([("x", [series("a", math.nan)])]) == ()


@settings(max_examples=20)
@given(st.lists(st.floats(-1e300, 1e300), min_size=COLUMNS + 1, max_size=COLUMNS * 2))
def test_every_extreme_is_kept(values: list[float]) -> None:
    """However many points there are."""
    (band,) = bands_of([("x", [series("a", *values)])])
    assert len(band.steps) <= COLUMNS
    assert (min(band.lows), max(band.highs)) == (min(values), max(values))
    assert list(band.steps) == sorted(band.steps)


def test_steps_far_apart() -> None:
    """Steps as large as they can be."""
    one = Series("a")
    for number in range(300):
        one.append(-(2**62) + number * 2**54, 1.0, 0)
    (band,) = bands_of([("x", [one])])
    assert 1 < len(band.steps) <= COLUMNS


def test_many_runs_are_spread() -> None:
    """At most so many, the first and the last among them."""
    runs = [plain_run() for _ in range(RUNS * 3)]
    chosen = spread(runs)
    assert (len(chosen), chosen[0], chosen[-1]) == (RUNS, runs[0], runs[-1])
    assert spread(runs[:3]) == runs[:3]


def test_curves_of_a_review(store: RunStore) -> None:
    """Metrics with more than one step, of the lowest rank."""
    record(store, None, {"acc": [0.1, 0.2], "last": 3.0}, name="new")
    record(store, None, {"acc": [0.3, 0.4]}, name="old")
    found = curves_of(store, review_runs(store, ["new"], base=["old"]))
    assert [(one.key, [band.label for band in one.bands], one.of) for one in found] == [
        ("acc", ["old", "new"], None)
    ]
    assert curves_of(store, review_runs(store, ["new"], base=["old"]), most=0) == ()


def test_reading_many(store: RunStore) -> None:
    """Committed runs in one go, a run that is not there as nothing."""
    runs = [record(store, None, {"acc": [0.1, 0.2]}) for _ in range(3)]
    read = points(store, [*runs, made({})])
    assert [len(read[run.id][0]) for run in runs] == [2, 2, 2]
    assert [len(one) for one in read.values()] == [1, 1, 1, 0]
    documents = environments(store, [*runs, made({})])
    assert [documents[run.id] for run in runs] == [ENVIRONMENT] * 3
    assert list(documents.values())[3] == {}


def test_reading_a_live_run(store: RunStore) -> None:
    """From its journal."""
    run = plain_run(status="running", end_time=None)
    journal = store.create(run)
    journal.point("acc", 0.5)
    journal.point("acc", 0.6)
    try:
        assert [one.key for one in points(store, [store.get(run.id)])[run.id]] == ["acc"]
        assert environments(store, [store.get(run.id)])[run.id] == {}
    finally:
        journal.close()


def test_files_that_cannot_be_read(store: RunStore) -> None:
    """Another clone wrote nonsense: nothing is known of that run."""
    run = record(store, None, {"acc": [0.1, 0.2]})
    folder = layout.run_directory(run)
    broken = {f"{folder}/metrics.jsonl": b"{nonsense\n", f"{folder}/environment.yaml": b"a: [\n"}
    runs_branch.submit(store.git, Changes("broken", broken))
    assert points(store, [run])[run.id] == []
    assert environments(store, [run])[run.id] == {}
