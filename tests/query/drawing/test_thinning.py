from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.axes import axis
from gittrack.query.drawing.thinning import MANY, Track, drawable, ends, thin, track

values = st.floats(-1e6, 1e6)
curves = st.lists(st.tuples(st.floats(0.001, 1000), values), min_size=1, max_size=400).map(sorted)


def as_track(points: list[tuple[float, float]]) -> Track:
    """The same points as columns."""
    import numpy as np

    xs, ys = zip(*points, strict=True)
    return Track(np.array(xs), np.array(ys))


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("log", [False, True])
@given(points=curves, columns=st.integers(2, 40))
def test_every_extreme_stays(
    points: list[tuple[float, float]], columns: int, *, long: bool, log: bool
) -> None:
    """The lowest and highest point of each column of the drawing are drawn, whatever is left out."""
    scale = axis([points[0][0], points[-1][0]], log=log)
    kept = thin(as_track(points) if long else points, columns, scale)
    assert set(kept) <= set(points)
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)
    for column in range(columns):
        mine = [y for x, y in points if _inside(scale.share(x), column, columns)]
        drawn = [y for x, y in kept if _inside(scale.share(x), column, columns)]
        if mine:
            assert (min(drawn), max(drawn)) == (min(mine), max(mine))
    assert len(kept) <= max(4 * columns, len(points) if len(points) <= 4 * columns else 0)


def _inside(share: float, column: int, columns: int) -> bool:
    """Whether a share is well within a column: at its very border either side may have it."""
    return abs(share * (columns - 1) - column) < 0.5 - 1e-9


@given(points=curves)
def test_a_track_reads_like_a_list(points: list[tuple[float, float]]) -> None:
    """Length, items, slices and iteration are those of the pairs."""
    one = as_track(points)
    assert list(one) == points
    assert (len(one), one[0], one[-1], one[:2]) == (len(points), points[0], points[-1], points[:2])
    assert ends(one) == ends(points)


def test_long_series_are_sorted_and_cleaned() -> None:
    """Steps that go back and values that are no numbers are dealt with by numpy as well."""
    xs = array("q", [*range(MANY), 5])
    ys = array("d", [*([1.0] * MANY), 9.0])
    ys[3], ys[4] = math.nan, math.inf
    found = track(xs, ys)
    assert isinstance(found, Track)
    assert len(found) == MANY - 1
    assert found[3:5] == [(5.0, 1.0), (5.0, 9.0)]


def test_long_series_on_logarithmic_axes() -> None:
    """What is not positive is left out of long series, too."""
    found = drawable(track(range(MANY), [y - 10.0 for y in range(MANY)]), log_x=True, log_y=True)
    assert ends(found) == ((11.0, MANY - 1.0), (1.0, MANY - 11.0))
    assert len(drawable(track(range(MANY), [1.0] * MANY), log_x=True)) == MANY - 1


def test_long_series_at_the_rim_of_floats() -> None:
    """Huge values are moved inwards in long series, too."""
    found = drawable(track(range(MANY), [1.7e308, *([0.0] * (MANY - 1))]))
    assert ends(found)[1] == (0.0, 1e300)


def test_nothing_stays_nothing() -> None:
    """An empty track is an empty list of points to draw."""
    import numpy as np

    assert len(drawable(Track(np.array([]), np.array([])))) == 0
    assert thin([], 10) == []


def test_half_a_million_points_become_few() -> None:
    """One spike among half a million points is kept."""
    import numpy as np

    ys = np.zeros(500_000)
    ys[123_456] = 7.0
    kept = thin(track(np.arange(500_000), ys), 200)
    assert len(kept) <= 800
    assert (123_456.0, 7.0) in kept
