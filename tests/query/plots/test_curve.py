from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import SelectionError
from gittrack.core.series import Series
from gittrack.query.drawing.thinning import MANY
from gittrack.query.plots.curve import points, sample, series_of, smooth, thin, unknown_metric, x_values

finite = st.floats(-1e6, 1e6)


@given(st.lists(finite, min_size=1, max_size=500), st.integers(1, 20))
def test_thin_keeps_extremes(values: list[float], columns: int) -> None:
    """The lowest, highest, first and last value stay; the rest may go."""
    curve = points(list(range(len(values))), values)
    thinned = thin(curve, columns)
    assert len(thinned) <= max(4 * columns, 4)
    assert {min(values), max(values)} <= {y for _, y in thinned}
    assert (thinned[0], thinned[-1]) == (curve[0], curve[-1])
    assert thinned == sorted(thinned, key=lambda point: point[0])


def test_thin_at_one_x() -> None:
    """Many points at one x keep their extremes."""
    assert {y for _, y in thin([(1.0, float(y)) for y in range(100)], 5)} == {0.0, 99.0}


def test_points_leave_out_what_cannot_be_drawn() -> None:
    """NaN and infinities are no points."""
    assert points([1, 2, 3], [math.nan, 1.0, math.inf]) == [(2.0, 1.0)]


@given(st.lists(finite, min_size=1), st.floats(0, 0.99))
def test_smooth_stays_within(values: list[float], weight: float) -> None:
    """An average lies between the lowest and the highest value."""
    smoothed = smooth(points(list(range(len(values))), values), weight)
    room = 1e-6 * max(map(abs, values)) + 1e-9
    assert all(min(values) - room <= y <= max(values) + room for _, y in smoothed)


def test_smooth_starts_where_the_curve_starts() -> None:
    """The start is corrected for."""
    assert [y for _, y in smooth([(0, 5.0), (1, 5.0)], 0.9)] == pytest.approx([5.0, 5.0])


@given(st.lists(st.floats(), max_size=200), st.integers(1, 30))
def test_sample(values: list[float], count: int) -> None:
    """No more than asked for, all of them finite and from the curve."""
    sampled = sample([one for one in values if abs(one) < 1e300], count)
    assert len(sampled) <= count
    assert set(sampled) <= set(values)


def series() -> Series:
    """Two points."""
    return Series("loss", 0, array("q", [3, 4]), array("d", [1, 2]), array("q", [5000, 7500]))


def test_x_values() -> None:
    """By step, or by seconds from the first point."""
    assert x_values(series(), "step") == [3.0, 4.0]
    assert x_values(series(), "time") == [0.0, 2.5]
    assert x_values(Series("empty"), "time") == []


def test_series_of() -> None:
    """All ranks of one metric, the lowest first."""
    found = series_of([Series("loss", 2), Series("acc"), series()], "loss")
    assert [one.rank for one in found] == [0, 2]


def test_series_of_an_unknown_metric() -> None:
    """An unknown metric says which is near."""
    with pytest.raises(SelectionError) as caught:
        series_of([series()], "losss")
    assert caught.value.hint == "did you mean 'loss'?"


@pytest.mark.parametrize(
    ("known", "hint"),
    [([], "no metric was logged"), (["a", "b"], "there are a, b"),
     ([str(n) for n in range(11)], "there are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …")],
)  # fmt: skip
def test_unknown_metric(known: list[str], hint: str) -> None:
    """The hint names what there is."""
    assert unknown_metric("zzz", known).hint == hint


def test_x_values_of_long_series() -> None:
    """Long series stay columns, with the same values."""
    times = array("q", range(1000, 1000 + 2 * MANY, 2))
    one = Series("m", 0, array("q", range(MANY)), array("d", [0.0] * MANY), times)
    assert x_values(one, "step") is one.steps
    seconds = x_values(one, "time")
    assert (seconds[0], seconds[-1]) == (0.0, (2 * MANY - 2) / 1000)


def test_smoothing_is_tensorboards() -> None:
    """The average is divided by what it lacks at its start: 1 - weight ** i."""
    assert [y for _, y in smooth([(0, 1.0), (1, 2.0), (2, 4.0)], 0.5)] == pytest.approx(
        [1.0, (0.25 + 1.0) / 0.75, (0.125 + 0.5 + 2.0) / 0.875]
    )
