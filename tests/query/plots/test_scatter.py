from __future__ import annotations

import math
from typing import Any

import pytest

from gittrack.core.errors import SelectionError
from gittrack.core.records import MetricSummary, Run
from gittrack.query.plots.scatter import scatter_plot


def run(number: int, loss: float | None, /, **params: Any) -> Run:
    """A run with params and a last value of `loss`."""
    metrics = {} if loss is None else {"loss": MetricSummary(loss, 1, 1, loss, loss, 1)}
    return Run(f"r{number}", params=params, metrics=metrics)


RUNS = [run(0, 1.0, lr=0.1, opt="sgd"), run(1, 2.0, lr=0.2, opt="adam"), run(2, math.nan, lr=3), run(3, None)]


def test_a_dot_a_run() -> None:
    """Numbers against numbers; what is missing or no number has no dot."""
    plot = scatter_plot(RUNS, "lr", "loss")
    assert [(one.name, list(one.points), one.joined) for one in plot.curves] == [
        ("2 runs", [(0.1, 1.0), (0.2, 2.0)], False)
    ]
    assert plot.x_number(0.25) == "0.25"


def test_texts_have_places() -> None:
    """Texts stand at 0, 1, 2, … in the order of the alphabet."""
    plot = scatter_plot(RUNS, "opt", "loss")
    assert plot.names == ("adam", "sgd")
    assert list(plot.curves[0].points) == [(0.0, 2.0), (1.0, 1.0)]
    assert (plot.x_number(1.0), plot.x_number(0.5)) == ("sgd", "")
    assert "sgd" in str(plot.sheet(log_x=True).shapes)


def test_groups_have_colours() -> None:
    """A curve a group."""
    names = [one.name for one in scatter_plot(RUNS, "lr", "loss", by="param:opt").curves]
    assert names == ["opt adam", "opt sgd", "opt (none)"]


def test_param_or_metric() -> None:
    """A name that is both is the param; `metrics.` and `params.` choose."""
    both = [run(0, 1.0, loss=7), run(1, 2.0, loss=8)]
    assert [x for x, _ in scatter_plot(both, "loss", "metrics.loss").curves[0].points] == [7.0, 8.0]
    assert [y for _, y in scatter_plot(both, "loss", "metrics.loss").curves[0].points] == [1.0, 2.0]


@pytest.mark.parametrize(("name", "hint"), [("lrr", "'lr'"), ("metrics.zzz", "there are lr")])
def test_no_such_thing(name: str, hint: str) -> None:
    """The hint names what is near, or what there is."""
    with pytest.raises(SelectionError) as caught:
        scatter_plot(RUNS, name, "loss")
    assert hint in str(caught.value.hint)


def test_huge_numbers_have_no_dot() -> None:
    """An integer beyond what a float holds, and a flag, are no places."""
    plot = scatter_plot([run(0, 1.0, n=10**400), run(1, 2.0, n=1)], "n", "loss")
    assert [y for _, y in plot.curves[0].points] in ([2.0], [1.0, 2.0], [2.0, 1.0])
