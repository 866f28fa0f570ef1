from __future__ import annotations

from typing import Any

import pytest

from gittrack.core.errors import MalformedFile, UsageError
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep.plan import Asked, Limits, Plan
from gittrack.launch.sweep.space import OneOf, Real

GRID: Any = {"lr": OneOf((0.1, 0.01)), "seed": OneOf((0, 1, 2))}
RANGE: Any = {"lr": Real(0, 1)}


def made(space: Any = None, **asked: Any) -> Plan:
    """A plan, as it was asked for."""
    return plans.made(Asked(GRID if space is None else space, **asked), seed=7, goal="min")


def test_lists_are_a_grid() -> None:
    """Without a sampler each point is a trial; seed and goal come from outside."""
    plan = made()
    assert (plan.sampler, plan.trials, plan.seed, plan.goal) == ("grid", 6, 7, "min")
    assert plan.says() == "grid of 6 trials: lr, seed"


def test_fewer_trials_of_a_grid() -> None:
    """`trials` bounds lists, and goes for ranges."""
    assert made(trials=4).trials == 4
    assert made(sampler="random", trials=10).trials == 6
    assert made(RANGE, sampler="random", trials=10).trials == 10


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"space": {}}, "nothing to sweep"),
        ({"space": RANGE}, "is a range"),
        ({"space": RANGE, "sampler": "grid"}, "is a range"),
        ({"space": {"x": OneOf(tuple(range(2000)))}}, "2,000 points"),
        ({"max_trials": 5}, "6 points"),
        ({"sampler": "gird"}, "no such sampler"),
        ({"sampler": "random"}, "how many trials"),
        ({"trials": 0}, "one trial or more"),
        ({"sampler": "tpe", "trials": 3}, "learns from a metric"),
        ({"stop": "median"}, "stopped by a metric"),
        ({"stop": "mean", "metric": "loss"}, "no such rule"),
        ({"goal": "up"}, "min or max"),
        ({"limits": Limits(jobs=0)}, "--jobs is 1 or more"),
        ({"limits": Limits(max_failures=0)}, "--max-failures is 1 or more"),
    ],
)
def test_what_makes_no_sense(asked: dict[str, Any], says: str) -> None:
    """Each is said with a hint."""
    with pytest.raises(UsageError, match=says) as raised:
        made(**asked)
    assert raised.value.hint


def test_a_large_grid_is_taken_when_somebody_says_so() -> None:
    """--max-trials confirms it."""
    assert made({"x": OneOf(tuple(range(2000)))}, max_trials=2000).trials == 2000


def test_json_and_back() -> None:
    """A plan survives its JSON."""
    plan = made(RANGE, sampler="tpe", trials=5, metric="loss", stop="median", limits=Limits(2, 3, 4.0, 5.0))
    assert plans.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    "document", [None, {}, {"version": 2}, {"version": 1}, made().to_json() | {"space": {"x": {"int": 1}}}]
)
def test_what_is_no_plan(document: Any) -> None:
    """What somebody else wrote is refused with a reason."""
    with pytest.raises(MalformedFile, match="plan of the sweep"):
        plans.from_json(document)


@pytest.mark.parametrize(
    ("text", "found"), [("90", 90), ("1.5s", 1.5), ("2 m", 120), ("1h", 3600), ("1d", 86400)]
)
def test_times(text: str, found: float) -> None:
    """Numbers with a unit."""
    assert plans.seconds(text) == found


@pytest.mark.parametrize("text", ["", "0", "soon", "-1s"])
def test_no_times(text: str) -> None:
    """Anything else is none."""
    with pytest.raises(UsageError, match="not a time"):
        plans.seconds(text)
