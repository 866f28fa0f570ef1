from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.rows import MOST_COLUMNS, MOST_ROWS, Column, Mark, sheet
from gittrack.query.drawing.shapes import Dot, Sheet, Stroke, Words
from gittrack.query.drawing.svg import svg

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def dots(drawn: Sheet) -> list[Dot]:
    """The dots of a sheet."""
    return [one for one in drawn.shapes if isinstance(one, Dot)]


def said(drawn: Sheet) -> str:
    """The texts of a sheet."""
    return "\n".join(one.text for one in drawn.shapes if isinstance(one, Words))


@given(st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=9))
def test_any_numbers(values: list[tuple[float, float, float]]) -> None:
    """Whatever they are, marks are on the sheet, and the sheet is well-formed."""
    marks = [Mark(one, *sorted((low, high))) for one, low, high in values]
    drawn = sheet(["a"] * len(marks), [Column("x", marks), Column("y", marks, bars=True)], title="t")
    assert all(0 <= one.spot[0] <= drawn.width and 0 <= one.spot[1] <= drawn.height for one in dots(drawn))
    ET.fromstring(svg(drawn))  # noqa: S314  made by us, a moment ago


def test_dots_by_value() -> None:
    """More is farther to the right; the best has another colour."""
    first, second = dots(sheet(["a", "b"], [Column("x", [Mark(1), Mark(2)], frozenset({1}))]))
    assert first.spot[0] < second.spot[0]
    assert first.curve != second.curve
    assert second.title == "2"


def test_what_lies_around() -> None:
    """Is a line through the dot."""
    drawn = sheet(["a"], [Column("x", [Mark(1, 0, 2)])])
    (line,) = [one for one in drawn.shapes if isinstance(one, Stroke) and one.curve is not None]
    (dot,) = dots(drawn)
    assert line.spots[0][0] < dot.spot[0] < line.spots[1][0]


def test_a_row_without_a_value() -> None:
    """Has its name and no dot."""
    drawn = sheet(["a", "b"], [Column("x", [None, Mark(1)]), Column("y", [None, None])])
    assert len(dots(drawn)) == 1
    assert "a\n" in said(drawn)
    assert "no values" in said(drawn)


def test_bars() -> None:
    """Are as long as their share."""
    drawn = sheet(["a", "b"], [Column("x", [Mark(0.5), Mark(1.0)], bars=True)])
    half, whole = [one.spots for one in drawn.shapes if isinstance(one, Stroke) and one.curve is not None]
    assert (half[1][0] - half[0][0]) * 2 == whole[1][0] - whole[0][0]


def test_many() -> None:
    """Rows and columns beyond what can be read are counted."""
    marks = [Mark(1.0)] * 100
    drawn = sheet(["a"] * 100, [Column("x", marks)] * 10, note="what")
    assert len(dots(drawn)) == MOST_ROWS * MOST_COLUMNS
    assert "what; and 40 more rows; and 2 more columns" in said(drawn)
