"""Numbers, times and sizes of reports."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.report import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9132, "0.9132"),
        (12345.0, "12345"),
        (0.000012, "1.2e-05"),
        (-0.5, "−0.5"),
        (1e12, "1e+12"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (0.0, "0"),
    ],
)
def test_number(value: float, text: str) -> None:
    """About five significant digits."""
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("mean", "deviation", "text"),
    [
        (0.91321, 0.0008, "0.9132 ± 0.0008"),
        (0.91321, 0.00012, "0.91321 ± 0.00012"),
        (41.234, 0.3, "41.2 ± 0.3"),
        (1234.5, 100.0, "1234 ± 100"),
        (0.5, None, "0.5"),
        (0.5, 0.0, "0.5"),
        (1e9, 10.0, "1e+09 ± 10"),
        (0.5, 1e-15, "0.5 ± 1e-15"),
    ],
)
def test_measured(mean: float, deviation: float | None, text: str) -> None:
    """The deviation says how many digits mean something."""
    assert numbers.measured(mean, deviation) == text


@pytest.mark.parametrize(
    ("delta", "deviation", "text"),
    [
        (-0.00611, 0.0008, "−0.0061"),
        (0.01, None, "+0.01"),
        (0.00001, 0.1, "+1e-05"),
        (math.nan, None, "NaN"),
        (5e9, 1.0, "+5e+09"),
    ],
)
def test_difference(delta: float, deviation: float | None, text: str) -> None:
    """With a sign; never rounded to nothing."""
    assert numbers.difference(delta, deviation) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(-0.0067, "−0.67 %"), (0.199, "+19.9 %"), (12.0, "×13"), (1.5, "+150 %")]
)
def test_percent(ratio: float, text: str) -> None:
    """A factor beyond tenfold."""
    assert numbers.percent(ratio) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(800, "0.8 s"), (12_000, "12 s"), (184_000, "3m04s"), (7_500_000, "2h05m"), (-5, "0.0 s")],
)
def test_duration(milliseconds: float, text: str) -> None:
    """In the unit that fits."""
    assert numbers.duration(milliseconds) == text


def test_when() -> None:
    """UTC, whatever the time zone is."""
    assert numbers.when(1_795_492_993_123) == "2026-11-24 04:03"
    assert numbers.when(10**18) == str(10**18)[:16]


@given(st.floats(), st.floats(min_value=0) | st.none())
def test_any_number(value: float, deviation: float | None) -> None:
    """Is short and shown somehow."""
    if math.isfinite(value):
        assert 0 < len(numbers.measured(value, deviation)) <= 40
        assert 0 < len(numbers.difference(value, deviation)) <= 25
        assert 0 < len(numbers.percent(value)) <= 20
