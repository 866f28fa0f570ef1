from __future__ import annotations

import math

import pytest

from gittrack.core.errors import SelectionError
from gittrack.core.records import MetricSummary, Run
from gittrack.query.plots.parallel import parallel


def run(number: int, loss: float, **params: object) -> Run:
    """A run with params and a last value of `loss`."""
    return Run(f"r{number}", params=params, metrics={"loss": MetricSummary(loss, 1, 1, loss, loss, 1)})


def test_what_explains_most_stands_next_to_the_metric() -> None:
    """Params that do not differ are left out, the others in order of what they explain."""
    runs = [run(n, float(n // 2), lr=n // 2, noise=n % 2, same=1, name=f"n{n}") for n in range(8)]
    found = parallel(runs, "loss")
    assert [one.name for one in found.rails] == ["name", "noise", "lr", "loss"]
    assert found.quarters == (0, 0, 1, 1, 2, 2, 3, 3)
    assert parallel(runs, "loss", most=1).left_out == ("noise", "name")
    assert parallel(runs, "loss", rules={"loss": "max"}).quarters[0] == 3


@pytest.mark.parametrize("losses", [[1.0, 2.0], [math.nan] * 5])
def test_too_few_to_rank(losses: list[float]) -> None:
    """Then params stand as they were logged."""
    runs = [run(n, loss, a=n, b=n) for n, loss in enumerate(losses)]
    assert [one.name for one in parallel(runs, "loss").rails] == ["b", "a", "loss"]


def test_nothing_differs() -> None:
    """Runs with the same params have no lines; a metric that no run has neither."""
    with pytest.raises(SelectionError, match="do not differ"):
        parallel([run(0, 1.0, a=1), run(1, 2.0, a=1)], "loss")
    with pytest.raises(SelectionError, match="no param or metric"):
        parallel([run(0, 1.0, a=1), run(1, 2.0, a=2)], "acc")
