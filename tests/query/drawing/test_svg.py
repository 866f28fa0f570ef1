from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.plan import Curve
from gittrack.query.drawing.svg import STYLE, draw
from tests.golden.samples import hostile

_NS = "{http://www.w3.org/2000/svg}"
numbers = st.floats()


def parsed(text: str) -> ET.Element:
    """The SVG as a tree."""
    return ET.fromstring(text)  # noqa: S314  made by us, a moment ago


@given(
    st.lists(st.tuples(st.text(max_size=20), st.lists(st.tuples(numbers, numbers), max_size=30)), max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_drawn_is_xml(
    curves: list[tuple[str, list[tuple[float, float]]]],
    log_x: bool,  # noqa: FBT001  of the table
    log_y: bool,  # noqa: FBT001  of the table
) -> None:
    """Any names and any numbers give well-formed XML with finite coordinates."""
    given_curves = [
        Curve(name, sorted(one for one in points if not math.isnan(one[0]))) for name, points in curves
    ]
    text = draw(given_curves, title="a & b", log_x=log_x, log_y=log_y)
    assert parsed(text).tag == f"{_NS}svg"
    assert "nan" not in text.lower().replace("nance", "")
    assert ",inf" not in text


def test_same_input_same_bytes() -> None:
    """Nothing random and no time is in it."""
    curve = Curve("a", [(0, 1), (1, 2)])
    assert draw([curve]) == draw([curve])


def test_hostile_names_are_text() -> None:
    """No name becomes an element, an attribute or a control character."""
    bad = f'</text><script>alert(1)</script>" onload="x{hostile().name}'
    tree = parsed(draw([Curve(bad, [(0, 1), (1, 2)])], title=bad, x_label=bad, y_label=bad))
    assert {one.tag.removeprefix(_NS) for one in tree.iter()} <= {
        *("svg", "title", "desc", "style", "polyline", "text"),
    }
    assert "onload" not in tree.attrib
    assert not any("\x1b" in (one.text or "") for one in tree.iter())


def test_light_and_dark() -> None:
    """Colours come from CSS variables with a fallback, and the style can be left to the page."""
    text = draw([Curve("a", [(0, 1), (1, 2)])])
    assert "prefers-color-scheme:dark" in text
    assert "var(--chart-0,#" in text
    assert STYLE not in draw([Curve("a", [(0, 1)])], style=False)


def test_a_band_and_a_point() -> None:
    """A band is a surface, one point is a dot."""
    tree = parsed(draw([Curve("a", [(0, 1), (1, 2)], [(0, 0, 2), (1, 1, 3)]), Curve("b", [(0.5, 1)])]))
    tags = [one.tag.removeprefix(_NS) for one in tree.iter()]
    assert (tags.count("polygon"), tags.count("circle")) == (1, 1)
    bare = parsed(draw([Curve("a", [(0, 1), (1, 2)], [(0, 0, 2), (1, 1, 3)])], bands=False))
    assert not bare.findall(f"{_NS}polygon")


def test_dots_of_a_scatter() -> None:
    """Points that are not joined are dots; of those at one pixel there is one."""
    tree = parsed(draw([Curve("a", [(0, 1), (0, 1), (5, 2)], joined=False)]))
    assert len(tree.findall(f"{_NS}circle")) == 2 + 1  # and the one in the legend


def test_many_points_are_few() -> None:
    """A million points take no more room than the picture shows, and the spike is there."""
    import numpy as np

    from gittrack.query.drawing.thinning import track

    ys = np.zeros(1_000_000)
    ys[500_000] = 1.0
    text = draw([Curve("a", track(np.arange(1_000_000), ys))])
    assert len(text) < 60_000
    assert ",12 " in text.replace(".0", "")  # the top of the frame


def test_many_curves_are_named_up_to_a_number() -> None:
    """The legend says how many more there are, and later curves are dashed."""
    text = draw([Curve(f"run {n}", [(0, n), (1, n)]) for n in range(40)], height=600)
    assert "and 16 more" in text
    assert "stroke-dasharray" in text


@pytest.mark.parametrize("points", [[], [(0.0, math.nan)], [(0.0, -1.0)]])
def test_nothing_to_draw(points: list[tuple[float, float]]) -> None:
    """A chart without points says so."""
    assert "no points to draw" in draw([Curve("a", points)], log_y=True)


def test_said_for_those_who_cannot_see() -> None:
    """The description tells where each curve begins and ends."""
    text = draw([Curve("a", [(0, 1), (1, 2)])], title="loss", x_label="step")
    assert "<desc>by step; a: 1 to 2</desc>" in text
    assert 'aria-label="loss"' in text
