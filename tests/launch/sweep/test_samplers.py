from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep import samplers
from gittrack.launch.sweep.plan import Asked, Plan
from gittrack.launch.sweep.space import OneOf, Real, Whole
from gittrack.launch.sweep.trials import Trial

if TYPE_CHECKING:
    from gittrack.launch.sweep.samplers import Sampler

LISTS: Any = {"lr": OneOf((0.1, 0.01)), "seed": OneOf((0, 1, 2))}
MIXED: Any = {"x": Real(-3, 3), "kind": OneOf(("a", [1])), "n": Whole(1, 100, log=True)}


def plan(space: Any, sampler: str, trials: int, seed: int = 1) -> Plan:
    """A plan."""
    asked = Asked(space, sampler=sampler, trials=trials, metric="loss", seed=seed)
    return plans.made(asked, seed=0, goal="min")


def loss(params: dict[str, Any]) -> float:
    """Best at x=1, kind a, n near 10."""
    return float((params["x"] - 1) ** 2 + (params["kind"] != "a") + abs(params["n"] - 10) / 100)


def ended(number: int, params: dict[str, Any], **changes: Any) -> Trial:
    """A finished trial."""
    given: dict[str, Any] = {"status": "finished", "value": loss(params), "step": 3, **changes}
    return Trial(number, params, f"run-{number}", **given)


def search(sampler: Sampler, first: int, last: int) -> list[dict[str, Any]]:
    """Ask and tell."""
    asked = []
    for number in range(first, last):
        params = sampler.ask(number)
        sampler.tell(ended(number, params))
        asked.append(params)
    return asked


def test_a_grid_has_each_point_once() -> None:
    """The last param is the fastest."""
    sampler = samplers.make(plan(LISTS, "grid", 6))
    points = [tuple(sampler.ask(number).items()) for number in range(6)]
    assert len(set(points)) == 6
    assert points[1] == (("lr", 0.1), ("seed", 1))


def test_random_points_of_lists_come_once() -> None:
    """All of them when there are as many trials, the same first ones whatever the number of trials."""
    all_six = samplers.make(plan(LISTS, "random", 6))
    points = [tuple(all_six.ask(number).values()) for number in range(6)]
    assert len(set(points)) == 6
    assert tuple(samplers.make(plan(LISTS, "random", 3)).ask(2).values()) == points[2]


def test_random_points_depend_on_seed_and_number_alone() -> None:
    """In any order, after any resume."""
    one, other = (samplers.make(plan(MIXED, "random", 9)) for _ in range(2))
    assert one.ask(5) == [other.ask(number) for number in range(9)][5]
    assert one.ask(0) != one.ask(1)
    assert samplers.make(plan(MIXED, "random", 9, seed=2)).ask(5) != one.ask(5)


def test_tpe_finds_what_is_good() -> None:
    """Its last ten trials are better than ten random ones."""
    good = search(samplers.make(plan(MIXED, "tpe", 40)), 0, 40)[-10:]
    chance = search(samplers.make(plan(MIXED, "random", 40)), 0, 40)[-10:]
    assert sum(map(loss, good)) < 0.5 * sum(map(loss, chance))


def test_tpe_goes_on_where_it_stopped() -> None:
    """A study rebuilt from ended trials proposes what the old one would have."""
    whole = search(samplers.make(plan(MIXED, "tpe", 15)), 0, 15)
    rebuilt = samplers.make(plan(MIXED, "tpe", 15))
    for number, params in enumerate(whole[:12]):
        rebuilt.tell(ended(number, params))
    assert search(rebuilt, 12, 15) == whole[12:]


def test_tpe_takes_what_is_no_success() -> None:
    """Failed and pruned trials, values that are no number, and params of another space."""
    sampler = samplers.make(plan(MIXED, "tpe", 9))
    ends: list[dict[str, Any]] = [{"status": "failed"}, {"status": "killed", "pruned": "x"}, {"value": None}]
    for number, changes in enumerate(ends):
        sampler.tell(ended(number, sampler.ask(number), **changes))
    params = sampler.ask(3)
    known = samplers.make(plan(MIXED, "tpe", 9))
    known.tell(ended(0, params, status="killed", pruned="x"))
    known.tell(ended(1, params, value=float("nan")))
    known.tell(Trial(2, {"x": 1}, "run", "finished", value=1.0))
    known.tell(Trial(3, params | {"kind": "z"}, "run", "finished", value=1.0))
    assert known.ask(4)


def test_tpe_without_optuna(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match="needs Optuna") as raised:
        samplers.make(plan(MIXED, "tpe", 9))
    assert "gittrack[sweep]" in (raised.value.hint or "")
