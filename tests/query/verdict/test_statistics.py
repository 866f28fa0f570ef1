"""Prediction intervals, held against tables of Student's distribution."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.verdict.statistics import distribution, interval, quantile


@pytest.mark.parametrize(
    ("probability", "degrees", "expected"),
    [
        *((0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.975, 4, 2.776)),
        *((0.975, 9, 2.262), (0.975, 30, 2.042), (0.995, 2, 9.925), (0.995, 5, 4.032), (0.9, 1, 3.078)),
    ],
)
def test_quantiles_of_the_table(probability: float, degrees: int, expected: float) -> None:
    """Quantiles are those of the printed tables, to their digits."""
    assert quantile(probability, degrees) == pytest.approx(expected, abs=6e-4)


@given(st.floats(0.5, 0.9999), st.integers(1, 60))
def test_the_quantile_is_the_inverse(probability: float, degrees: int) -> None:
    """The distribution at a quantile is its probability."""
    assert distribution(quantile(probability, degrees), degrees) == pytest.approx(probability, abs=1e-9)


def test_an_interval() -> None:
    """Three values with mean 2 and deviation 1: 2 ± 4.303 · √(4/3)."""
    found = interval([1.0, 2.0, 3.0], "earlier")
    assert found is not None
    assert (found.mean, found.deviation, found.confidence) == (2.0, 1.0, 0.95)
    assert found.high == pytest.approx(2 + 4.3027 * math.sqrt(4 / 3), abs=1e-3)
    assert 2.0 in found
    assert 8.0 not in found


def test_more_tests_make_it_wider() -> None:
    """The confidence of each interval grows with their number (Bonferroni)."""
    one, ten = interval([1.0, 2.0, 3.0], "earlier"), interval([1.0, 2.0, 3.0], "earlier", 10)
    assert one is not None
    assert ten is not None
    assert ten.high > one.high
    assert ten.confidence == pytest.approx(0.995)


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [1.0, 2.0, math.nan], [1.0, 2.0, math.inf]])
def test_no_interval(values: list[float]) -> None:
    """Fewer than three values, or one that is no finite number, give none."""
    assert interval(values, "repeats") is None


def test_nothing_varies() -> None:
    """Equal values give an interval of one point, whatever rounding would do."""
    found = interval([0.1, 0.1, 0.1], "earlier")
    assert found is not None
    assert (found.low, found.high) == (0.1, 0.1)
