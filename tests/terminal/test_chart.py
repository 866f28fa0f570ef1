from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.thinning import track
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


def test_bands_and_dots() -> None:
    """What surrounds a curve is there, and points that are not joined are marks."""
    band = [(float(x), 0.0, 8.0) for x in range(10)]
    hazy = text(chart([Curve("a", [(0, 4), (9, 4)], band)], width=40, height=12, unicode=False))
    assert sum("." in line for line in hazy) > 4
    dotted = text(chart([Curve("a", [(0, 4), (9, 5)], joined=False)], width=40, height=12))
    assert sum(line.count("●") for line in dotted) == 3  # two, and one in the legend


def test_a_long_legend_leaves_room_for_the_chart() -> None:
    """A hundred curves do not push the chart off the screen; the legend says how many are not named."""
    lines = text(chart([Curve(f"run {n}", [(0, n), (1, n)]) for n in range(100)], width=60, height=20))
    assert len(lines) <= 20
    assert re.fullmatch(r"and \d+ more", lines[-1])


def test_the_x_axis_has_a_name() -> None:
    """At its end, where no number stands in its place."""
    lines = text(chart([Curve("a", [(0, 1), (9, 2)])], width=60, height=10, x_label="epoch"))
    assert lines[-2].endswith("epoch")


def test_numbers_without_a_text_are_left_out() -> None:
    """An axis of texts has no ticks between them."""
    names = {0.0: "adam", 1.0: "sgd"}
    lines = text(
        chart([Curve("a", [(0, 1), (1, 2)])], width=60, height=10, x_number=lambda x: names.get(x, ""))
    )
    assert lines[-2].split() == ["adam", "sgd"]
    assert lines[-3].count("┬") == 2


def test_ascii_names() -> None:
    """Where only ASCII can be shown, names are written in it."""
    lines = text(chart([Curve("é ± 1", [(0, 1), (1, 2)])], width=60, height=10, unicode=False))
    assert "\\xe9 +/- 1" in lines[-1]


def test_three_million_points_keep_their_spike() -> None:
    """Long series are thinned to the dots of the chart, and none of the extremes is lost."""
    import numpy as np

    ys = np.zeros(3_000_000)
    ys[1_234_567], ys[2_000_000] = 1.0, -1.0
    lines = text(chart([Curve("a", track(np.arange(len(ys)), ys))], width=80, height=20, unicode=False))
    assert "*" in lines[0]
    assert "*" in lines[16]
