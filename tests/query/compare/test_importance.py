from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittrack.core.errors import SelectionError
from gittrack.core.records import MetricSummary, Run
from gittrack.query.compare.importance import Importance, importance, ranked
from tests.support.arbitrary import VALUES


def run(number: int, loss: float, **params: Any) -> Run:
    """A run with params and a last value of `loss`."""
    return Run(f"r{number}", params=params, metrics={"loss": MetricSummary(loss, 1, 1, loss, loss, 1)})


def explained(runs: list[Run]) -> dict[str, Importance]:
    """Param to what it explains."""
    return {one.param: one for one in importance(runs, "loss")}


def test_what_decides_comes_first() -> None:
    """A param with an optimum in the middle explains nearly all, noise next to nothing."""
    dice = random.Random(1)
    runs = []
    for number in range(200):
        rate, noise = dice.uniform(-5, 0), dice.random()
        runs.append(run(number, (rate + 2.5) ** 2, lr=10**rate, noise=noise, opt=dice.choice("ab")))
    found = explained(runs)
    assert next(iter(found)) == "lr"
    assert found["lr"].explains > 0.9
    assert found["lr"].p <= 0.001
    assert found["noise"].explains < 0.15
    assert found["opt"].direction is None


def test_chance_is_not_importance() -> None:
    """Of 200 params of pure noise about one in twenty has p below 0.05: no more are found than chance has."""
    dice = random.Random(2)
    runs = [run(n, dice.random(), **{f"p{k}": dice.randrange(3) for k in range(200)}) for n in range(30)]
    few = [one for one in importance(runs, "loss") if one.p < 0.05]
    assert len(few) <= 22  # 1 in 10,000 that a fair test finds more


def test_direction() -> None:
    """Whether more of a param goes with more of the metric."""
    runs = [run(n, float(n), up=n // 2, down=-(n // 2)) for n in range(12)]
    found = explained(runs)
    assert found["up"].direction == pytest.approx(1, abs=0.02)
    assert found["down"].direction == pytest.approx(-1, abs=0.02)


def test_what_tells_nothing_is_left_out() -> None:
    """A param that is the same everywhere, or a text that never is, explains nothing."""
    runs = [run(n, float(n), same=1, name=f"run {n}") for n in range(9)]
    assert explained(runs) == {}


@given(st.lists(st.tuples(st.floats(), VALUES, VALUES), min_size=4, max_size=12))
@settings(max_examples=30)
def test_any_values(rows: list[tuple[float, Any, Any]]) -> None:
    """Whatever was logged, shares are from 0 to 1 and the answer is the same again."""
    runs = [run(n, loss, a=left, b=right) for n, (loss, left, right) in enumerate(rows)]
    if sum(math.isfinite(loss) for loss, _, _ in rows) < 4:
        with pytest.raises(SelectionError, match="cannot tell"):
            importance(runs, "loss")
        return
    found = importance(runs, "loss")
    assert found == importance(runs, "loss")
    assert all(0 <= one.explains <= 1 and 0 < one.p <= 1 for one in found)
    assert all(set(one.as_json()) == set(Importance.__slots__) for one in found)


def test_no_such_metric() -> None:
    """The hint names one that is near."""
    with pytest.raises(SelectionError) as caught:
        importance([run(n, 1.0) for n in range(5)], "losss")
    assert "loss" in str(caught.value.hint)


def test_ties_share_their_rank() -> None:
    """Equal values have the mean of their ranks."""
    import numpy as np

    assert ranked(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]
