"""Curves as a chart of text; pure.

plotext would do, but its version 6 needs a compiler on most machines and 0.3 s to import, and its
version 5 is no longer kept.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gittrack.query.drawing.plan import Curve, axes_of, reach, visible
from gittrack.query.drawing.thinning import thin
from gittrack.terminal.canvas import Canvas, marker
from gittrack.terminal.escape import clip, columns, line
from gittrack.terminal.figures import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gittrack.query.drawing.axes import Axis

__all__ = ["Curve", "Segment", "chart"]

_MIN_COLUMNS, _MIN_ROWS = 10, 3
_ROWS_A_TICK, _COLUMNS_A_TICK = 3, 14


class Segment(NamedTuple):
    """A piece of a line and the curve that it belongs to, None for axes and labels."""

    text: str
    curve: int | None = None


def chart(  # noqa: PLR0913  each is a choice of its own
    curves: Sequence[Curve],
    *,
    width: int,
    height: int,
    title: str = "",
    log: bool = False,
    log_x: bool = False,
    unicode: bool = True,
    x_number: Callable[[float], str] = number,
    x_label: str = "",
) -> list[list[Segment]]:
    """Draw curves over each other.

    Args:
        curves: what to draw; curves without points only get their line in the legend.
        width: columns of the whole chart.
        height: lines of the whole chart, legend included.
        title: above it.
        log: logarithmic in y; values that are not positive are left out.
        log_x: the same in x.
        unicode: Braille dots and box lines, else ASCII.
        x_number: how to write a number below the x axis.
        x_label: the name of the x axis, at its end.

    Returns:
        Lines of segments. Of each column of dots the lowest and highest point are there, however many
        there are.
    """
    shown = visible(curves, log_x=log_x, log_y=log)
    legend = _legend(shown, width, max(1, height // 4), unicode=unicode)
    head = [[Segment(clip(line(title), width))]] if title else []
    xs, ys = reach(shown)
    if not xs:
        return [*head, [Segment("no points to draw")], *legend]
    rows = max(_MIN_ROWS, height - len(head) - len(legend) - 2)
    x_axis, y_axis = axes_of(shown, xs, ys, log_x=log_x, log_y=log)
    labels = {tick: number(tick) for tick in y_axis.ticks(max(2, rows // _ROWS_A_TICK))}
    margin = max(map(len, labels.values()), default=0) + 1
    canvas = Canvas(max(_MIN_COLUMNS, width - margin - 1), rows, unicode=unicode)
    for position, one in enumerate(shown):
        _shade(canvas, one, (x_axis, y_axis), position)
    for position, one in enumerate(shown):
        _draw(canvas, one, (x_axis, y_axis), position)
    body = _body(canvas, y_axis, labels, margin)
    return [*head, *body, *_below(canvas, x_axis, margin, x_number, x_label), *legend]


def _shade(canvas: Canvas, curve: Curve, axes: tuple[Axis, Axis], position: int) -> None:
    """What surrounds a curve, as a haze of dots."""
    edges = [
        (axes[0].at(x, canvas.width), axes[1].at(low, canvas.height), axes[1].at(high, canvas.height))
        for x, low, high in curve.band
    ]
    for (x, low, high), (to_x, to_low, to_high) in pairwise(edges):
        for step in range(max(1, to_x - x)):
            share = step / max(1, to_x - x)
            bottom, top = low + (to_low - low) * share, high + (to_high - high) * share
            canvas.haze(x + step, round(bottom), round(top), position)


def _draw(canvas: Canvas, curve: Curve, axes: tuple[Axis, Axis], position: int) -> None:
    points = thin(curve.points, canvas.width, axes[0]) if curve.joined else curve.points
    dots = [(axes[0].at(x, canvas.width), axes[1].at(y, canvas.height)) for x, y in points]
    if curve.joined and len(dots) > 1:
        for start, end in pairwise(dots):
            canvas.line(start, end, position)
    else:
        for x, y in dots:
            canvas.mark(x, y, position)


def _body(canvas: Canvas, scale: Axis, labels: dict[float, str], margin: int) -> Iterator[list[Segment]]:
    by_row = {
        (canvas.height - 1 - scale.at(tick, canvas.height)) // canvas.down: text
        for tick, text in labels.items()
    }
    edge, tick = ("│", "┤") if canvas.unicode else ("|", "+")
    for row in range(canvas.rows):
        label = by_row.get(row, "")
        yield [Segment(label.rjust(margin - 1) + " " + (tick if label else edge)), *merged(canvas.row(row))]


def merged(characters: Iterator[tuple[str, int | None]]) -> Iterator[Segment]:
    """Characters of one curve after another as one piece; blanks at the end are left out."""
    text, current = "", None
    for character, curve in characters:
        if curve != current and text:
            yield Segment(text, current)
            text = ""
        text += character
        current = curve
    if text.strip():
        yield Segment(text.rstrip(), current)


def _below(
    canvas: Canvas, scale: Axis, margin: int, x_number: Callable[[float], str], x_label: str
) -> list[list[Segment]]:
    corner, edge, tick = ("└", "─", "┬") if canvas.unicode else ("+", "-", "+")
    rule, text = [edge] * canvas.columns, ""
    name = clip(line(x_label), canvas.columns // 3)
    room = canvas.columns - (columns(name) + 2 if name else 0)
    for value in scale.ticks(max(2, canvas.columns // _COLUMNS_A_TICK)):
        column = scale.at(value, canvas.width) // canvas.across
        label = x_number(value)
        if not label:
            continue
        start = min(max(0, column - len(label) // 2), canvas.columns - len(label))
        rule[column] = tick
        if (text and start < len(text) + 2) or start + len(label) > room:
            continue
        text = text.ljust(start) + label
    if name:
        text += " " * (canvas.columns - len(text) - columns(name)) + name
    pad = " " * margin
    return [[Segment(pad + corner + "".join(rule))], [Segment(pad + " " + text)]]


def _legend(curves: Sequence[Curve], width: int, most: int, *, unicode: bool) -> list[list[Segment]]:
    """Rows of names, at most so many; the last says how many curves have no room."""
    rows: list[list[Segment]] = []
    used, left = 0, len(curves)
    for position, one in enumerate(curves):
        sign = ("━━" if one.joined else "● ") if unicode else marker(position)
        text = clip(f" {_name(one, unicode=unicode)}{_last(one)}", max(8, width - len(sign)))
        needed = len(sign) + columns(text) + 3
        if not rows or used + needed - 3 > width:
            if len(rows) == most:
                return [*rows, [Segment(f"and {left} more")]]
            rows.append([])
            used = 0
        rows[-1] += [*([Segment("   ")] if rows[-1] else []), Segment(sign, position), Segment(text)]
        used += needed
        left -= 1
    return rows


def _name(curve: Curve, *, unicode: bool) -> str:
    if unicode:
        return line(curve.name)
    return line(curve.name.replace("±", "+/-")).encode("ascii", "backslashreplace").decode()


def _last(curve: Curve) -> str:
    if not len(curve.points):
        return " (no points)"
    return f" ({number(curve.points[-1][1])})" if curve.joined else ""
