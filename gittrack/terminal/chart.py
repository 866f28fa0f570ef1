"""Curves as a chart of text; pure.

plotext would do, but its version 6 needs a compiler on most machines and 0.3 s to import, and its
version 5 is no longer kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gittrack.query.curve import thin
from gittrack.terminal.canvas import Canvas, marker
from gittrack.terminal.escape import clip, columns, line
from gittrack.terminal.figures import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gittrack.query.curve import Points

_MIN_COLUMNS, _MIN_ROWS = 10, 3
_HUGEST, _TINIEST, _FLAT = 1e300, 1e-150, 1e-12
_ROWS_A_TICK, _COLUMNS_A_TICK = 3, 14


class Curve(NamedTuple):
    """A named curve, its points in the order of x."""

    name: str
    points: Points


class Segment(NamedTuple):
    """A piece of a line and the curve that it belongs to, None for axes and labels."""

    text: str
    curve: int | None = None


@dataclass(frozen=True)
class _Axis:
    """One axis: what it shows, and where on the grid."""

    low: float
    high: float
    dots: int
    log: bool

    def at(self, value: float) -> int:
        """The dot of a value."""
        if self.log:
            share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(share * (self.dots - 1))

    def ticks(self, count: int) -> list[float]:
        """About so many round numbers between both ends."""
        return _powers(self.low, self.high, count) if self.log else _round_numbers(self.low, self.high, count)


def chart(
    curves: Sequence[Curve],
    *,
    width: int,
    height: int,
    title: str = "",
    log: bool = False,
    unicode: bool = True,
    x_number: Callable[[float], str] = number,
) -> list[list[Segment]]:
    """Draw curves over each other.

    Args:
        curves: what to draw; curves without points only get their line in the legend.
        width: columns of the whole chart.
        height: lines of the whole chart, legend included.
        title: above it.
        log: logarithmic in y; values that are not positive are left out.
        unicode: Braille dots and box lines, else ASCII.
        x_number: how to write a number below the x axis.

    Returns:
        Lines of segments.
    """
    shown = [Curve(one.name, _drawable(one.points, log=log)) for one in curves]
    legend = list(_legend(shown, width, unicode=unicode))
    head = [[Segment(clip(line(title), width))]] if title else []
    everything = [point for one in shown for point in one.points]
    if not everything:
        return [*head, [Segment("no points to draw")], *legend]
    rows = max(_MIN_ROWS, height - len(head) - len(legend) - 2)
    x_range, y_range = _span([x for x, _ in everything]), _span([y for _, y in everything], log=log)
    labels = {tick: number(tick) for tick in _Axis(*y_range, rows, log).ticks(max(2, rows // _ROWS_A_TICK))}
    margin = max(map(len, labels.values()), default=0) + 1
    canvas = Canvas(max(_MIN_COLUMNS, width - margin - 1), rows, unicode=unicode)
    x_axis, y_axis = _Axis(*x_range, canvas.width, log=False), _Axis(*y_range, canvas.height, log)
    for position, one in enumerate(shown):
        _draw(canvas, thin(one.points, canvas.width), (x_axis, y_axis), position)
    body = _body(canvas, y_axis, labels, margin)
    return [*head, *body, *_below(canvas, x_axis, margin, x_number), *legend]


def _drawable(points: Points, *, log: bool) -> Points:
    """The points, those at the rim of what a float can hold moved inwards: their distance is a float."""
    tame = [(_tame(x), _tame(y)) for x, y in points]
    return [(x, y) for x, y in tame if y > 0] if log else tame


def _tame(value: float) -> float:
    if abs(value) < _TINIEST:
        return 0.0
    return max(-_HUGEST, min(_HUGEST, value))


def _draw(canvas: Canvas, points: Points, axes: tuple[_Axis, _Axis], curve: int) -> None:
    dots = [(axes[0].at(x), axes[1].at(y)) for x, y in points]
    for start, end in pairwise(dots):
        canvas.line(start, end, curve)
    if len(dots) == 1:
        canvas.dot(*dots[0], curve)


def _body(canvas: Canvas, axis: _Axis, labels: dict[float, str], margin: int) -> Iterator[list[Segment]]:
    by_row = {(canvas.height - 1 - axis.at(tick)) // canvas.down: text for tick, text in labels.items()}
    edge, tick = ("│", "┤") if canvas.unicode else ("|", "+")
    for row in range(canvas.rows):
        label = by_row.get(row, "")
        yield [Segment(label.rjust(margin - 1) + " " + (tick if label else edge)), *_merged(canvas.row(row))]


def _merged(characters: Iterator[tuple[str, int | None]]) -> Iterator[Segment]:
    text, current = "", None
    for character, curve in characters:
        if curve != current and text:
            yield Segment(text, current)
            text = ""
        text += character
        current = curve
    if text.strip():
        yield Segment(text.rstrip(), current)


def _below(canvas: Canvas, axis: _Axis, margin: int, x_number: Callable[[float], str]) -> list[list[Segment]]:
    corner, edge, tick = ("└", "─", "┬") if canvas.unicode else ("+", "-", "+")
    rule, text = [edge] * canvas.columns, ""
    for value in axis.ticks(max(2, canvas.columns // _COLUMNS_A_TICK)):
        column = axis.at(value) // canvas.across
        label = x_number(value)
        start = min(max(0, column - len(label) // 2), canvas.columns - len(label))
        if text and start < len(text) + 2:
            continue
        rule[column] = tick
        text = text.ljust(start) + label
    pad = " " * margin
    return [[Segment(pad + corner + "".join(rule))], [Segment(pad + " " + text)]]


def _legend(curves: Sequence[Curve], width: int, *, unicode: bool) -> Iterator[list[Segment]]:
    row: list[Segment] = []
    used = 0
    for position, one in enumerate(curves):
        sign = "━━" if unicode else marker(position)
        last = number(one.points[-1][1]) if one.points else "no points"
        text = clip(f" {line(one.name)} ({last})", max(8, width - len(sign)))
        needed = len(sign) + columns(text) + 3
        if row and used + needed - 3 > width:
            yield row
            row, used = [], 0
        if row:
            row.append(Segment("   "))
        row += [Segment(sign, position), Segment(text)]
        used += needed
    if row:
        yield row


def _span(values: list[float], *, log: bool = False) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high - low > _FLAT * max(abs(low), abs(high)):
        return low, high
    if log:
        return low / 2, high * 2
    room = abs(low) / 2 or 0.5
    return low - room, high + room


def _round_numbers(low: float, high: float, count: int) -> list[float]:
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    ticks = [(first + place) * step for place in range(4 * count)]
    return [tick for tick in ticks if tick <= high + step * 1e-9]


def _powers(low: float, high: float, count: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 1:
        return _round_numbers(low, high, count)
    if 3 * (last - first) <= count:
        values = (factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5))
        return [value for value in values if low <= value <= high]
    every = max(1, math.ceil((last - first + 1) / count))
    return [10.0**power for power in range(first, last + 1, every)]
