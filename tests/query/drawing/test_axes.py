from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.axes import Axis, axis, roomy, tame

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite.map(tame), min_size=1), st.integers(2, 20))
def test_ticks_are_few_and_on_the_axis(values: list[float], count: int) -> None:
    """Round numbers between both ends, not many more than asked for."""
    scale = axis(values)
    ticks = scale.ticks(count)
    room = 1e-6 * max(abs(scale.low), abs(scale.high), 1e-300)
    assert len(ticks) <= 4 * count
    assert all(scale.low - room <= tick <= scale.high + room for tick in ticks)


@given(st.lists(st.floats(1e-100, 1e100), min_size=1), st.integers(2, 200))
def test_a_logarithmic_axis_holds_all_its_values(values: list[float], dots: int) -> None:
    """Every value stands on a dot of the axis."""
    scale = axis(values, log=True)
    assert all(0 <= scale.at(value, dots) < dots for value in values)


def test_one_value_has_room() -> None:
    """A constant series stands in the middle, linear or logarithmic."""
    assert axis([4.0]).share(4.0) == pytest.approx(0.5)
    assert axis([0.0]).share(0.0) == pytest.approx(0.5)
    assert axis([4.0], log=True).share(4.0) == pytest.approx(0.5)


@pytest.mark.parametrize("scale", [Axis(1.0, 100.0), Axis(1.0, 100.0, log=True)])
def test_room_at_both_ends(scale: Axis) -> None:
    """Dots at the ends of the data are not cut in half."""
    wide = roomy(scale)
    assert wide.low < scale.low
    assert wide.high > scale.high


def test_the_distance_of_two_tame_values_is_a_float() -> None:
    """The rim of what a float holds moves inwards."""
    assert tame(1.7e308) - tame(-1.7e308) < float("inf")
    assert tame(5e-324) == 0.0
