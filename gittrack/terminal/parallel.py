"""Runs as lines through parallel axes, as text; pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gittrack.query.drawing.parallel import QUARTERS
from gittrack.terminal.canvas import Canvas, marker
from gittrack.terminal.chart import Segment, merged
from gittrack.terminal.escape import clip, columns, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.plots.parallel import Parallel

_COLOURS = (3, 0, 1, 4)  # of the quarters: green, cyan, yellow, red
_NARROWEST = 9
_LEAST_ROWS = 6


def parallel_chart(found: Parallel, *, width: int, height: int, unicode: bool = True) -> list[list[Segment]]:
    """The axes side by side, each run a line through its places; below each axis its ends.

    Args:
        found: the axes.
        width: columns; axes that have no room are left out from the left.
        height: lines.
        unicode: Braille dots and box lines, else ASCII.
    """
    fitting = max(2, width // _NARROWEST)
    rails = found.rails[-fitting:]
    rows = max(_LEAST_ROWS, height - 4)
    canvas = Canvas(max(10, width - 1), rows, unicode=unicode)
    places = [round((canvas.width - 1) * at / (len(rails) - 1)) for at in range(len(rails))]
    order = sorted((quarter, run) for run, quarter in enumerate(found.quarters) if quarter is not None)
    for quarter, run in reversed(order):  # the best on top
        spots = [
            None if (share := one.places[run]) is None else (place, round(share * (canvas.height - 1)))
            for one, place in zip(rails, places, strict=True)
        ]
        for start, end in pairwise(spots):
            if start is not None and end is not None:
                canvas.line(start, end, _COLOURS[quarter])
    axes = {min(canvas.columns - 1, place // canvas.across) for place in places}
    left_out = len(found.rails) - len(rails) + len(found.left_out)
    return [
        _row([(one.name, False) for one in rails], places, canvas),
        _row([(one.ends[1], one.log) for one in rails], places, canvas),
        *(list(_crossed(canvas, row, axes)) for row in range(rows)),
        _row([(one.ends[0], False) for one in rails], places, canvas),
        _key(left_out, unicode=unicode),
    ]


def _row(texts: Sequence[tuple[str, bool]], places: Sequence[int], canvas: Canvas) -> list[Segment]:
    """Texts below each other's axis: the first from it on, the last up to it, the others around it."""
    found = ""
    room = canvas.columns // max(1, len(texts) - 1) - 2
    for at, ((given, log), place) in enumerate(zip(texts, places, strict=True)):
        text = clip(line(given), max(3, room - 4 * log)) + (" log" if log else "")
        column, size = place // canvas.across, columns(text)
        start = column if not at else column - size + 1 if at == len(texts) - 1 else column - size // 2
        gap = max(1 if found else 0, start - columns(found))
        found += " " * gap + text
    return [Segment(found)]


def _crossed(canvas: Canvas, row: int, axes: set[int]) -> Iterator[Segment]:
    bar = "│" if canvas.unicode else "|"
    cells = [
        (bar, None) if column in axes and cell[0] == " " else cell
        for column, cell in enumerate(canvas.row(row))
    ]
    return merged(iter(cells))


def _key(left_out: int, *, unicode: bool) -> list[Segment]:
    found: list[Segment] = []
    for quarter, name in enumerate(QUARTERS):
        found += [
            Segment("━━" if unicode else marker(_COLOURS[quarter]), _COLOURS[quarter]),
            Segment(f" {name}   "),
        ]
    if left_out:
        found.append(Segment(f"{left_out} more param{' differs' if left_out == 1 else 's differ'}"))
    return found
