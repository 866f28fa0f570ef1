from __future__ import annotations

import json
import math

import pytest

from gittrack.core.records import MetricSummary, Run
from gittrack.query.compare.side_by_side import ABSENT, Comparison, Row, compare, goal_of, same


def run_with(**metrics: float) -> Run:
    """A run with these last values."""
    return Run(
        "a", metrics={key: MetricSummary(value, 1, 1, value, value, 1) for key, value in metrics.items()}
    )


def row(comparison: Comparison, key: str) -> Row:
    """The row of a key."""
    (found,) = [one for one in comparison.rows if one.key == key]
    return found


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (math.nan, math.nan, True),
        ("1", 1, False),
        ([1], [1], True),
        (ABSENT, ABSENT, True),
        (ABSENT, None, False),
    ],
)
def test_same(left: object, right: object, expected: bool) -> None:  # noqa: FBT001  a case of the table
    """NaN is itself, true is not one, text is no number, absent is not null."""
    assert same(left, right) is expected


def test_differing_leaves_out_what_is_the_same() -> None:
    """Only rows with different values stay."""
    found = compare(
        [Run("a", params={"lr": 1, "seed": 1}), Run("b", params={"lr": 2, "seed": 1})]
    ).differing()
    assert [one.key for one in found.group("params")] == ["lr"]


def test_a_param_that_one_run_lacks_differs() -> None:
    """Absent is a value of its own."""
    found = row(compare([Run("a", params={"lr": None}), Run("b")]), "lr")
    assert found.values == (None, ABSENT)
    assert found.differs


@pytest.mark.parametrize(("goal", "best"), [("max", {1}), ("min", {0, 2}), (None, set())])
def test_best(goal: str | None, best: set[int]) -> None:
    """The best value by the goal; several when they tie; none without a goal."""
    runs = [run_with(acc=0.5), run_with(acc=0.9), run_with(acc=0.5), run_with(acc=math.nan), Run("b")]
    assert row(compare(runs, {"acc": {"goal": goal}}), "acc").best == best


def test_nobody_is_best_among_equals() -> None:
    """Where all are the same, none is marked."""
    assert not row(compare([run_with(acc=1.0)] * 2, {"acc": {"goal": "max"}}), "acc").best


def test_nobody_is_best_without_numbers() -> None:
    """NaN is never the best."""
    assert not row(compare([run_with(acc=math.nan), Run("b")], {"acc": {"goal": "max"}}), "acc").best


@pytest.mark.parametrize(
    ("key", "goal"),
    [("val/loss", "max"), ("loss", "min"), ("acc", "max"), ("f1", None), ("time", None)],
)
def test_goal_of(key: str, goal: str | None) -> None:
    """An exact name wins over globs, nonsense is no goal."""
    rules = {"*loss": {"goal": "min"}, "val/loss": {"goal": "max"}, "acc": "max", "time": {"goal": "up"}}
    assert goal_of(key, rules) == goal


def test_facts_that_no_run_has_are_left_out() -> None:
    """A row is there when some run has a value."""
    assert "signal" not in {one.key for one in compare([Run("a"), Run("b")]).rows}


def test_json() -> None:
    """As JSON: null for absent, names for what JSON lacks."""
    body = compare([run_with(acc=math.nan), Run("b", tags={"x": "y"})], {"acc": "max"}).as_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    (acc,) = [one for one in body["rows"] if one["key"] == "acc"]
    assert acc == {
        "group": "metrics",
        "key": "acc",
        "values": ["NaN", None],
        "differs": True,
        "goal": "max",
        "best": [],
    }


def test_absent_shows_its_name() -> None:
    """In a debugger the sentinel is readable."""
    assert repr(ABSENT) == "ABSENT"
