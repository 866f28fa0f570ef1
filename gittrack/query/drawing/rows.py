"""Rows with a stretch of numbers a column: dots with what lies around them, or bars; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.harmless import clip, line
from gittrack.query.drawing.axes import Axis, axis, roomy, tame
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.plan import text_width
from gittrack.query.drawing.shapes import Dot, Sheet, Stroke, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.drawing.shapes import Shape

MOST_ROWS, MOST_COLUMNS = 60, 8
"""What is drawn; the rest is counted."""
_ROW, _COLUMN, _GAP = 20, 180, 36  # pixels
_TOP, _BELOW = 44, 40
_NAME = 34  # letters
_PLAIN, _BEST = 0, 2  # colours: blue, green


class Mark(NamedTuple):
    """A value in a row.

    Attributes:
        value: finite.
        low: lower end of what lies around it, None without.
        high: the upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None


class Column(NamedTuple):
    """A column.

    Attributes:
        name: above it.
        marks: one a row, None for a row that has none.
        best: the rows that are best.
        bars: whether a value is a bar from 0 on, else a dot.
    """

    name: str
    marks: Sequence[Mark | None]
    best: frozenset[int] = frozenset()
    bars: bool = False


def sheet(names: Sequence[str], columns: Sequence[Column], *, title: str = "", note: str = "") -> Sheet:
    """Rows below each other, columns beside each other, each with an axis of its own.

    Args:
        names: of the rows.
        columns: what they have.
        title: above.
        note: below, what the marks are.
    """
    shown, rows = columns[:MOST_COLUMNS], names[:MOST_ROWS]
    left = 16 + max((text_width(clip(line(one), _NAME)) for one in rows), default=0)
    width = round(left + len(shown) * (_COLUMN + _GAP))
    bottom = _TOP + 16 + len(rows) * _ROW
    shapes: list[Shape] = [Words(clip(line(title), width // 8), (8, 18), size=14, bold=True)]
    for place, name in enumerate(rows):
        shapes.append(Words(clip(line(name), _NAME), (left - 8, _middle(place) + 4), "end"))
    for place, one in enumerate(shown):
        shapes += _column(one, left + place * (_COLUMN + _GAP), len(rows), bottom)
    shapes.append(Words(clip(line(_said(names, columns, note)), width // 6), (8, bottom + _BELOW - 6)))
    described = f"{len(names)} rows: {', '.join(clip(line(one.name), 40) for one in shown)}"
    return Sheet(max(width, 240), bottom + _BELOW, shapes, title, described)


def _middle(row: int) -> float:
    return _TOP + 16 + (row + 0.5) * _ROW


def _said(names: Sequence[str], columns: Sequence[Column], note: str) -> str:
    told = [note] if note else []
    for count, most, what in ((len(names), MOST_ROWS, "rows"), (len(columns), MOST_COLUMNS, "columns")):
        told += [f"and {count - most} more {what}"] if count > most else []
    return "; ".join(told)


def _column(one: Column, left: float, count: int, bottom: float) -> Iterator[Shape]:
    yield Words(clip(line(one.name), _COLUMN // 7), (left, _TOP), bold=True)
    marks = [(row, mark) for row, mark in enumerate(one.marks[:count]) if mark is not None]
    lines = (((left, _middle(row)), (left + _COLUMN, _middle(row))) for row in range(count))
    yield from (Stroke(spots, None, 0.6) for spots in lines)
    if not marks:
        yield Words("no values", (left, _middle(0) + 4))
        return
    scale = _scale([mark for _, mark in marks], bars=one.bars)

    def at(value: float) -> float:
        return left + scale.share(min(scale.high, max(scale.low, value))) * _COLUMN

    yield from _ticks(scale, at(scale.low), bottom)
    for row, mark in marks:
        low, high = _reach(mark)
        yield from _mark(one, mark, row, (at(low), at(mark.value), at(high)), left)


def _mark(one: Column, mark: Mark, row: int, at: tuple[float, float, float], left: float) -> Iterator[Shape]:
    y, ink = _middle(row), _BEST if row in one.best else _PLAIN
    low, x, high = at
    if one.bars:
        yield Stroke(((left, y), (max(x, left + 1), y)), ink, 9, 0.8)
        return
    if low != high:
        yield Stroke(((low, y), (high, y)), ink, 2.4, 0.6)
    yield Dot((x, y), ink, 4, number(mark.value))


def _reach(mark: Mark) -> tuple[float, float]:
    low = mark.value if mark.low is None else mark.low
    return low, mark.value if mark.high is None else mark.high


def _scale(marks: Sequence[Mark], *, bars: bool) -> Axis:
    ends = [tame(end) for mark in marks for end in (*_reach(mark), mark.value)]
    return axis([0.0, 1.0, *ends]) if bars else roomy(axis(ends), 0.05)


def _ticks(scale: Axis, left: float, bottom: float) -> Iterator[Shape]:
    edge = left - 20
    for tick in scale.ticks(3):
        x = left + scale.share(tick) * _COLUMN
        half = text_width(number(tick)) / 2
        yield Stroke(((x, _TOP + 12), (x, bottom)))
        if x - half > edge and x + half < left + _COLUMN + _GAP:
            yield Words(number(tick), (x, bottom + 14), "middle")
            edge = x + half + 6
