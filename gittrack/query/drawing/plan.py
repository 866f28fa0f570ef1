"""Curves laid out on a sheet: axes, grid, ticks, bands, lines and a legend; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.harmless import clip, columns, line
from gittrack.query.drawing.axes import Axis, axis, roomy
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.shapes import Area, Dot, Sheet, Stroke, Words
from gittrack.query.drawing.thinning import drawable, ends, thin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gittrack.query.drawing.shapes import Shape
    from gittrack.query.drawing.thinning import Points

_LETTER = 0.58  # width of a letter as a share of its height
_SMALLEST = (160, 120)
_PIXELS_A_TICK = (90, 36)
_LEGEND_ROW, _MOST_NAMED, _LONGEST = 16, 24, 48


class Curve(NamedTuple):
    """A named curve.

    Attributes:
        name: what it is.
        points: in the order of x.
        band: x, lower and upper end of what surrounds it, in the order of x; empty for none.
        joined: whether a line goes through the points; else each is a dot.
    """

    name: str
    points: Points
    band: Sequence[tuple[float, float, float]] = ()
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a sheet within the axes, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point stands on the sheet."""
        across = self.left + self.x.share(x) * (self.right - self.left)
        return across, self.bottom - self.y.share(y) * (self.bottom - self.top)

    def shapes(
        self, x_label: str, y_label: str, x_number: Callable[[float], str] = number
    ) -> Iterator[Shape]:
        """Grid, ticks and the names of the axes."""
        middle = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        for tick in self.y.ticks(max(2, int((self.bottom - self.top) // _PIXELS_A_TICK[1]))):
            _, y = self.at(self.x.low, tick)
            yield Stroke(((self.left, y), (self.right, y)))
            yield Words(number(tick), (self.left - 5, y + 4), "end")
        edge = -math.inf
        for tick in self.x.ticks(max(2, int((self.right - self.left) // _PIXELS_A_TICK[0]))):
            x, _ = self.at(tick, self.y.low)
            text = x_number(tick)
            half = text_width(text) / 2
            if x - half < edge:
                continue
            edge = x + half + 6
            yield Stroke(((x, self.bottom), (x, self.bottom + 4)))
            yield Words(text, (x, self.bottom + 16), "middle")
        yield Stroke(((self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)))
        if x_label:
            yield Words(clip(line(x_label), 60), (middle[0], self.bottom + 32), "middle")
        if y_label:
            yield Words(clip(line(y_label), 40), (12, middle[1]), "middle", upright=True)


def plan(  # noqa: PLR0913  each is a choice of its own
    curves: Sequence[Curve],
    *,
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    width: int = 640,
    height: int = 320,
    log_x: bool = False,
    log_y: bool = False,
    bands: bool = True,
    x_number: Callable[[float], str] = number,
) -> Sheet:
    """Curves over each other; for the arguments see :func:`gittrack.query.drawing.svg.draw`."""
    width, height = max(_SMALLEST[0], width), max(_SMALLEST[1], height)
    shown = visible(curves, log_x=log_x, log_y=log_y, bands=bands)
    named = list(_legend(shown, width))
    legend_height = _LEGEND_ROW * (1 + max((row for row, *_ in named), default=-1))
    head = [Words(clip(line(title), int(width / 7)), (8, 18), size=14, bold=True)] if title else []
    xs, ys = reach(shown)
    if not xs:
        middle = Words("no points to draw", (width / 2, height / 2), "middle")
        return Sheet(width, height, [*head, middle], title, "no points to draw")
    x_axis, y_axis = axes_of(shown, xs, ys, log_x=log_x, log_y=log_y)
    frame = Frame(
        margin(y_axis, height) + (16 if y_label else 0),
        30 if title else 12,
        width - 14,
        height - legend_height - (42 if x_label else 26),
        x_axis,
        y_axis,
    )
    shapes = [*head, *frame.shapes(x_label, y_label, x_number), *_inside(frame, shown)]
    shapes += _legend_shapes(named, height - legend_height + 4, [one.joined for one in shown])
    return Sheet(width, height, shapes, title, _described(shown, x_label))


def margin(y: Axis, height: float) -> float:
    """Pixels that the ticks of a y axis take."""
    ticks = y.ticks(max(2, int(height // _PIXELS_A_TICK[1])))
    return 12 + max((text_width(number(tick)) for tick in ticks), default=0)


def text_width(text: str, size: float = 11) -> float:
    """About how many pixels a text takes."""
    return columns(text) * size * _LETTER


def visible(
    curves: Sequence[Curve], *, log_x: bool = False, log_y: bool = False, bands: bool = True
) -> list[Curve]:
    """The curves with only what can stand on such axes."""
    return [
        one._replace(
            points=drawable(one.points, log_x=log_x, log_y=log_y),
            band=_band(one, log_x=log_x, log_y=log_y) if bands else (),
        )
        for one in curves
    ]


def _band(curve: Curve, *, log_x: bool, log_y: bool) -> list[tuple[float, float, float]]:
    return [
        triple
        for triple in curve.band
        if all(map(math.isfinite, triple)) and (triple[0] > 0 or not log_x) and (triple[1] > 0 or not log_y)
    ]


def axes_of(
    curves: Sequence[Curve], xs: list[float], ys: list[float], *, log_x: bool, log_y: bool
) -> tuple[Axis, Axis]:
    """The axes for the outermost x and y of some curves; dots get some room."""
    x_axis, y_axis = axis(xs, log=log_x), axis(ys, log=log_y)
    if all(one.joined for one in curves):
        return x_axis, y_axis
    return roomy(x_axis), roomy(y_axis)


def reach(curves: Sequence[Curve]) -> tuple[list[float], list[float]]:
    """The outermost x and y of all; empty when no curve has a point."""
    xs: list[float] = []
    ys: list[float] = []
    for one in curves:
        if len(one.points):
            (low_x, high_x), (low_y, high_y) = ends(one.points)
            xs += [low_x, high_x]
            ys += [low_y, high_y]
        for x, low, high in one.band:
            xs.append(x)
            ys += [low, high]
    return xs, ys


def _inside(frame: Frame, curves: Sequence[Curve]) -> Iterator[Shape]:
    for place, one in enumerate(curves):
        if one.band:
            lower = [frame.at(x, low) for x, low, _ in one.band]
            upper = [frame.at(x, high) for x, _, high in one.band]
            yield Area((*upper, *reversed(lower)), place)
    for place, one in enumerate(curves):
        if not one.joined:
            yield from _dots(frame, one, place)
            continue
        kept = thin(one.points, int(frame.right - frame.left), frame.x)
        if len(kept) == 1:
            yield Dot(frame.at(*kept[0]), place)
        elif kept:
            yield Stroke([frame.at(x, y) for x, y in kept], place, 1.6)


def _dots(frame: Frame, curve: Curve, place: int) -> Iterator[Shape]:
    """A dot a point; of those at one pixel, one."""
    taken: set[tuple[int, int]] = set()
    for x, y in curve.points:
        spot = frame.at(x, y)
        pixel = round(spot[0]), round(spot[1])
        if pixel not in taken:
            taken.add(pixel)
            yield Dot(spot, place, 3)


def _legend(curves: Sequence[Curve], width: int) -> Iterator[tuple[int, float, int | None, str]]:
    """Row, pixels from the left, curve and text of each entry."""
    row, x = 0, 8.0
    entries: list[tuple[int | None, str]] = [
        (place, clip(line(one.name), _LONGEST) + ("" if len(one.points) else " (no points)"))
        for place, one in enumerate(curves[:_MOST_NAMED])
    ]
    if len(curves) > _MOST_NAMED:
        entries.append((None, f"and {len(curves) - _MOST_NAMED} more"))
    if len(entries) == 1 and not entries[0][1]:
        return
    for place, text in entries:
        needed = 26 + text_width(text) + 14
        if x > 8 and x + needed > width:  # noqa: PLR2004  the left edge
            row, x = row + 1, 8.0
        yield row, x, place, text
        x += needed


def _legend_shapes(
    named: Sequence[tuple[int, float, int | None, str]], top: float, joined: Sequence[bool]
) -> Iterator[Shape]:
    for row, x, place, text in named:
        y = top + row * _LEGEND_ROW + 8
        if place is not None and joined[place]:
            yield Stroke(((x, y - 4), (x + 20, y - 4)), place, 2.4)
        elif place is not None:
            yield Dot((x + 14, y - 4), place, 4)
        yield Words(text, (x + (26 if place is not None else 0), y))


def _described(curves: Sequence[Curve], x_label: str) -> str:
    """The chart in words: each curve from where to where."""
    said = []
    for one in curves[:_MOST_NAMED]:
        if len(one.points):
            first, last = one.points[0][1], one.points[-1][1]
            said.append(f"{clip(line(one.name), _LONGEST)}: {number(first)} to {number(last)}")
    return f"by {line(x_label)}; {'; '.join(said)}" if x_label else "; ".join(said)
