"""Plots as Markdown: Mermaid's chart, which hosts draw without an image, and the same in characters; pure.

Mermaid's `xychart-beta` has no legend, no dots, no logarithm and no room for many points. So up to seven
lines are drawn where all of them are, each with the extremes of forty stretches; of what is drawn on a
logarithmic axis the logarithm. Below it each curve stands as bars of text with the square of its colour, its
name and its last value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gittrack.report.escape import clipped, markdown, markdown_line
from gittrack.report.mermaid import SQUARES, bar, drawable, xychart
from gittrack.report.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gittrack.query.drawing.plan import Curve
    from gittrack.query.plots.plotting import Plot

MOST = len(SQUARES)
"""Lines of a chart."""
STRETCHES = 40
"""Of each line; the smallest and the largest value of each are drawn."""
_BARS = 30
_LISTED = 40


def markdown_of_plot(plot: Plot, *, log: bool = False, log_x: bool = False) -> str:
    """Curves as Markdown; ends with an empty line.

    Args:
        plot: what to draw, lines and no dots.
        log: logarithmic y axis.
        log_x: the same of x.
    """
    named = [(one, _scaled(one, log=log, log_x=log_x)) for one in plot.curves]
    shown = [(one, points) for one, points in named if points][:MOST]
    chart = _chart(plot, shown, log=log, log_x=log_x)
    squares = {id(one): f"{SQUARES[place]} " for place, (one, _) in enumerate(shown)} if chart else {}
    parts = [f"{markdown_line(plot.title)}\n\n", chart]
    if chart and len(shown) < len(named):
        parts.append(f"_The chart has {len(shown)} of {len(named):,} curves._\n\n")
    parts += [f"- {squares.get(id(one), '')}{_told(one)}\n" for one in plot.curves[:_LISTED]]
    more = len(plot.curves) - _LISTED
    return "".join(parts) + (f"- and {more:,} more\n" if more > 0 else "") + "\n"


def drawn_in_characters(title: str, lines: Iterable[str]) -> str:
    """A chart that Mermaid does not have, as text; ends with an empty line."""
    shown = "\n".join(one.rstrip() for one in lines)
    fence = "`" * (1 + max([2, *map(len, _ticks(shown))]))
    return f"{markdown_line(title)}\n\n{fence}text\n{shown}\n{fence}\n\n"


def _ticks(text: str) -> list[str]:
    import re

    return re.findall("`+", text)


def extremes(points: Sequence[tuple[float, float]], start: float, stop: float, count: int) -> list[float]:
    """Two values for each of `count` equal stretches of x: the smallest and the largest, as they come.

    A stretch without a point has the values of the straight line through it at its ends.

    Args:
        points: at least one, in the order of x.
        start: where the first stretch begins.
        stop: where the last one ends, above `start`.
        count: stretches.
    """
    found: list[float] = []
    place, length = 0, (stop - start) / count
    while place < len(points) and points[place][0] < start:
        place += 1
    for stretch in range(count):
        end = stop if stretch == count - 1 else start + (stretch + 1) * length
        within = []
        while place < len(points) and points[place][0] <= end:
            within.append(points[place][1])
            place += 1
        if within:
            low, high = within.index(min(within)), within.index(max(within))
            found += [within[min(low, high)], within[max(low, high)]]
        else:
            found += [_between(points, place, one) for one in (start + stretch * length, end)]
    return found


def _between(points: Sequence[tuple[float, float]], place: int, x: float) -> float:
    """The straight line between the point before `place` and the one there."""
    if place in {0, len(points)}:
        return points[min(place, len(points) - 1)][1]
    (left, low), (right, high) = points[place - 1], points[place]
    share = min(1.0, max(0.0, (x - left) / (right - left))) if right > left else 1.0
    return low + (high - low) * share


def _scaled(curve: Curve, *, log: bool, log_x: bool) -> list[tuple[float, float]]:
    """The points as they are drawn; on a logarithmic axis only positive ones."""
    pairs = ((float(x), float(y)) for x, y in curve.points)
    return [
        (math.log10(x) if log_x else x, math.log10(y) if log else y)
        for x, y in pairs
        if (x > 0 or not log_x) and (y > 0 or not log)
    ]


def _chart(
    plot: Plot, shown: Sequence[tuple[Curve, Sequence[tuple[float, float]]]], *, log: bool, log_x: bool
) -> str:
    curves = [points for _, points in shown]
    if not curves:
        return ""
    start, stop = max(one[0][0] for one in curves), min(one[-1][0] for one in curves)
    if not start < stop or not drawable([y for one in curves for _, y in one], stop):
        return ""
    rows = [extremes(one, start, stop, STRETCHES) for one in curves]
    order = ", then ".join(clipped(one.name, 30) for one, _ in shown[:2])
    more = f", {len(shown) - 2} more" if len(shown) > 2 else ""  # noqa: PLR2004  no room for them
    title = f"{plot.title} ({order}{more})"
    label = "seconds" if plot.seconds else plot.x_label or "x"
    names = (f"log10 {label}" if log_x else label), (f"log10 {plot.title}" if log else "")
    return xychart(title, names, (start, stop), rows)


def _told(curve: Curve) -> str:
    name = markdown_line(curve.name, 80)
    values = [float(y) for _, y in curve.points]
    if not values:
        return f"{name}: no points"
    step = max(1, math.ceil(len(values) / _BARS))
    middle = sum(values) / len(values)
    stretches = (values[start : start + step] for start in range(0, len(values), step))
    bars = "".join(bar(max(one, key=lambda value: abs(value - middle)), values) for one in stretches)
    return f"{name}: {bars} {markdown(number(values[-1]))}"
