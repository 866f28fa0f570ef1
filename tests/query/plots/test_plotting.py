from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import SelectionError
from gittrack.core.events import Ended
from gittrack.query.plots.plotting import clock, mean_and_deviation, metric_plot
from tests.cli.recorded import begin

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

finite = st.floats(-1e6, 1e6)


def logged(store: RunStore, values: dict[str, list[float]], **fields: Any) -> Run:
    """A finished run with more metrics."""
    run, journal = begin(store, **fields)
    for key, points in values.items():
        for step, value in enumerate(points):
            journal.point(key, value, step)
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished


def test_by_step_and_by_time(store: RunStore) -> None:
    """Curves of the runs, with the names of their axes."""
    run = logged(store, {"m": [3.0, 2.0, math.nan, 1.0]}, name="a")
    plot = metric_plot(store, "m", [run])
    assert list(plot.curves[0].points) == [(0.0, 3.0), (1.0, 2.0), (3.0, 1.0)]
    assert plot.curves[0].name.startswith("a ")
    timed = metric_plot(store, "m", [run], axis="time")
    assert timed.seconds
    assert timed.curves[0].points[0][0] == 0.0


def test_by_epoch(store: RunStore) -> None:
    """The metric `epoch` says where a step is; without it the param `steps_per_epoch`."""
    with_metric = logged(store, {"m": [3.0, 2.0, 1.0], "epoch": [0.0, 0.5, 1.0]})
    with_param = logged(store, {"m": [3.0, 2.0, 1.0]}, params={"steps_per_epoch": 2})
    with_none = logged(store, {"m": [3.0]})
    plot = metric_plot(store, "m", [with_metric, with_param, with_none], axis="epoch")
    xs = [[x for x, _ in one.points] for one in plot.curves]
    assert xs == [[0.0, 0.5, 1.0], [0.0, 0.5, 1.0], []]


def test_groups_are_mean_and_band(store: RunStore) -> None:
    """Runs of a group are one curve with a band around it."""
    runs = [logged(store, {"m": [value, value]}, params={"lr": 1, "seed": value}) for value in (1.0, 3.0)]
    (curve,) = metric_plot(store, "m", runs, by="param:lr").curves
    assert curve.name == "lr 1, mean ± sd of 2"
    assert list(curve.points) == [(0.0, 2.0), (1.0, 2.0)]
    assert curve.band[0] == pytest.approx((0.0, 2 - math.sqrt(2), 2 + math.sqrt(2)))
    assert metric_plot(store, "m", runs, by="fingerprint").curves[0].name.startswith("fingerprint (none)")
    assert metric_plot(store, "m", runs, by="seeds").curves[0].name.startswith("like ")


@pytest.mark.parametrize(("metric", "axis"), [("n", "step"), ("m", "n")])
def test_what_is_not_there(store: RunStore, metric: str, axis: str) -> None:
    """A metric that no run has is an error, as y and as x."""
    run = logged(store, {"m": [1.0]})
    with pytest.raises(SelectionError, match="'n'"):
        metric_plot(store, metric, [run], axis=axis)


def test_a_run_without_the_metric(store: RunStore) -> None:
    """It has an empty curve; the others are drawn."""
    plot = metric_plot(store, "m", [logged(store, {"m": [1.0]}), logged(store, {})])
    assert [len(one.points) for one in plot.curves] == [1, 0]


@given(st.lists(st.lists(st.tuples(finite, finite), max_size=20).map(sorted), max_size=4))
def test_bands_lie_around_the_mean(curves: list[list[tuple[float, float]]]) -> None:
    """Wherever there is a band, the mean is in it, and it is where all curves are."""
    mean, band = mean_and_deviation(curves)
    means = dict(mean)
    assert all(low <= means[x] <= high for x, low, high in band)
    given_curves = [one for one in curves if one]
    assert all(one[0][0] <= x <= one[-1][0] for x, _ in mean for one in given_curves)


def test_long_curves_have_an_even_grid() -> None:
    """The band of long curves is computed at 400 places."""
    curves = [[(float(x), float(y)) for x in range(30_000)] for y in (1, 3)]
    mean, band = mean_and_deviation(curves)
    assert (len(mean), len(band)) == (400, 400)
    assert {y for _, y in mean} == {2.0}
    assert len(mean_and_deviation([[(float(x), 1.0) for x in range(1000)]] * 2)[0]) == 400


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5s"), (119, "119s"), (180, "3m"), (9000, "2.5h"), (200_000, "2.31d")]
)
def test_clock(seconds: float, text: str) -> None:
    """Times below an axis in the unit that fits."""
    assert clock(seconds) == text
