from __future__ import annotations

import math

import pytest

from gittrack.terminal import figures

DAY = 86_400_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.97314, "0.9731"),
        (0.5, "0.5"),
        (12345.678, "12346"),
        (3, "3"),
        (3.0, "3"),
        (-0.25, "-0.25"),
        (1.234e-05, "1.23e-05"),
        (1e12, "1e+12"),
        (0.0, "0"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_number(value: float, text: str) -> None:
    """Four significant digits, no trailing zeros."""
    assert figures.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.5, "+0.5"), (-0.5, "-0.5"), (math.nan, "NaN")])
def test_signed(value: float, text: str) -> None:
    """A change has its sign."""
    assert figures.signed(value) == text


@pytest.mark.parametrize(("ratio", "text"), [(0.0129, "+1.29%"), (-0.4, "-40%"), (11.0, "x12")])
def test_percent(ratio: float, text: str) -> None:
    """A share is percent, a multiple a factor."""
    assert figures.percent(ratio) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", "a\\nb"),
        (True, "true"),
        (None, "null"),
        (0.1, "0.1"),
        (math.nan, "NaN"),
        (3, "3"),
        ([1, "a"], '[1,"a"]'),
        ({1, 2}, "{1, 2}"),
    ],
)
def test_value(value: object, text: str) -> None:
    """Params as they would be written, on one line."""
    assert figures.value(value) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (812, "0.8s"),
        (12_000, "12s"),
        (184_000, "3m04s"),
        (7_500_000, "2h05m"),
        (4 * DAY, "4d00h"),
        (-5, "0.0s"),
    ],
)
def test_duration(milliseconds: int, text: str) -> None:
    """Two units at most."""
    assert figures.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("before", "text"),
    [(5_000, "5s ago"), (120_000, "2m ago"), (7_200_000, "2h ago"), (3 * DAY, "3d ago"), (-9, "0s ago")],
)
def test_age(before: int, text: str) -> None:
    """One unit."""
    assert figures.age(100 * DAY - before, 100 * DAY) == text


def test_age_long_ago() -> None:
    """After a month the date says more."""
    assert figures.age(0, 100 * DAY) in {"1970-01-01", "1969-12-31"}


def test_moment_of_a_broken_clock() -> None:
    """A time that no calendar has is shown as its number."""
    assert figures.moment(10**25) == str(10**25)


@pytest.mark.parametrize(("count", "text"), [(812, "812 B"), (1_400_000, "1.4 MB"), (3e18, "3000 PB")])
def test_size(count: float, text: str) -> None:
    """SI units."""
    assert figures.size(count) == text


def test_commit() -> None:
    """Ten characters of a commit, nothing of none."""
    assert figures.commit("a" * 40) == "a" * 10
    assert figures.commit(None) == ""


@pytest.mark.parametrize(
    ("run_id", "text"), [("20261124-050000-k3f9a2x0", "k3f9a2x0"), ("imported-run", "imported-run")]
)
def test_tail(run_id: str, text: str) -> None:
    """The random part of our ids; others whole."""
    assert figures.tail(run_id) == text


@pytest.mark.parametrize(
    ("values", "bars"), [([], ""), ([1, 1], "▄▄"), ([0, 1, 2], "▁▅█"), ([-1e308, 1e308], "▄▄")]
)
def test_sparkline(values: list[float], bars: str) -> None:
    """From the lowest bar to the highest."""
    assert figures.sparkline(values) == bars
