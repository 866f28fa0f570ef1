from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.terminal.chart import Curve, Segment, chart
from gittrack.terminal.escape import columns

finite = st.floats(allow_nan=False, allow_infinity=False)
points = st.lists(st.tuples(finite, finite)).map(sorted)


def text(lines: list[list[Segment]]) -> list[str]:
    """A chart as lines of text."""
    return ["".join(one.text for one in segments) for segments in lines]


@given(
    st.lists(points, max_size=3),
    st.integers(20, 120),
    st.integers(5, 40),
    st.tuples(st.booleans(), st.booleans()),
)
def test_always_fits(
    curves: list[list[tuple[float, float]]], width: int, height: int, style: tuple[bool, bool]
) -> None:
    """Whatever is drawn is drawn within the width, and nothing raises."""
    log, unicode = style
    drawn = chart(
        [Curve(f"run {n}", one) for n, one in enumerate(curves)],
        width=width,
        height=height,
        title="loss",
        log=log,
        unicode=unicode,
    )
    body = text(drawn)
    assert all(columns(line) <= max(width, 30) for line in body)
    assert unicode or all(line.isascii() for line in body if "∞" not in line)


def test_a_spike_shows() -> None:
    """One high point among a million stays visible."""
    curve = [(float(x), 0.0) for x in range(100_000)]
    curve[50_000] = (50_000.0, 1.0)
    top = text(chart([Curve("a", curve)], width=60, height=12, unicode=False))[0]
    assert "*" in top


def test_nothing_to_draw() -> None:
    """A metric without points says so, in the legend too."""
    assert "no points to draw" in text(chart([Curve("a", [])], width=40, height=10))
    assert "no points" in text(chart([Curve("a", [])], width=40, height=10))[-1]


def test_log_leaves_out_what_has_no_logarithm() -> None:
    """Zero and negative values are left out of a logarithmic chart."""
    assert "no points to draw" in text(chart([Curve("a", [(0, 0), (1, -1)])], width=40, height=10, log=True))


@pytest.mark.parametrize(
    ("top", "ticks"), [(1000.0, {"1", "10", "100", "1000"}), (10.0, {"1", "2", "5", "10"})]
)
def test_log_ticks(top: float, ticks: set[str]) -> None:
    """Powers of ten, and between them where there is room."""
    lines = text(chart([Curve("a", [(0, 1), (1, top)])], width=60, height=24, log=True))
    assert {line.split()[0] for line in lines if "┤" in line} == ticks


def test_legend_wraps() -> None:
    """Many runs take several lines of the legend."""
    lines = text(chart([Curve(f"run number {n}", [(0, n)]) for n in range(6)], width=50, height=20))
    assert sum("━━" in line for line in lines) > 1


def test_x_labels_are_as_asked() -> None:
    """Times are written as the caller wants."""
    lines = text(chart([Curve("a", [(0, 1), (60, 2)])], width=60, height=10, x_number=lambda x: f"{x:g}s"))
    assert "60s" in lines[-2] or "50s" in lines[-2]


def test_each_curve_has_its_segments() -> None:
    """Segments know their curve, so that they can be coloured."""
    drawn = chart([Curve("a", [(0, 0), (9, 0)]), Curve("b", [(0, 9), (9, 9)])], width=40, height=10)
    assert {one.curve for segments in drawn for one in segments} == {None, 0, 1}
    assert not math.isnan(len(drawn))
