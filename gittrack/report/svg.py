"""Curves as SVG, to stand within a page: a band over the seeds, the mean, values under the pointer; pure.

Colours are classes and variables of the page; there is no script, no link and no font in it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from gittrack.report.escape import html
from gittrack.report.numbers import NONE, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.review.curves import Band, Curves

WIDTH, HEIGHT = 540, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 10, 56, 38
_PLACES = 60  # where the pointer finds values
_TICKS = 5
_SMALLEST = 1e-300
_LABEL = 48  # characters of a legend


class Scale:
    """From values to places on the drawing."""

    def __init__(self, bands: Sequence[Band]) -> None:
        self.start = min(band.steps[0] for band in bands)
        self.stop = max(band.steps[-1] for band in bands)
        low, high = min(min(band.lows) for band in bands), max(max(band.highs) for band in bands)
        if not high / 2 > low / 2:  # equal, or as near as the smallest floats are
            low, high = low - (abs(low) / 10 or 1.0), high + (abs(high) / 10 or 1.0)
        self.low, self.high = low, high

    def x(self, step: float) -> float:
        """The place of a step."""
        share = (step - self.start) / (self.stop - self.start) if self.stop > self.start else 0.5
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """The place of a value."""
        share = value / 2 - self.low / 2  # halves, so that the distance of the largest floats is one
        return HEIGHT - _BOTTOM - share / (self.high / 2 - self.low / 2) * (HEIGHT - _TOP - _BOTTOM)


def chart(curves: Curves, identity: str) -> str:
    """The chart of a metric.

    Args:
        curves: at least one band.
        identity: a name for the parts that others point to, unique in the page.
    """
    scale = Scale(curves.bands)
    kinds = ["before", "after"] if len(curves.bands) > 1 else ["after"]
    named = f'role="img" aria-labelledby="{identity}-t {identity}-d"'
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" {named}>',
        f'<title id="{identity}-t">{html(curves.key, 200)}</title>',
        f'<desc id="{identity}-d">{html("; ".join(map(described, curves.bands)))}</desc>',
        *_axes(scale),
        *_legend(curves.bands, kinds),
        *(_area(band, scale, kind) for band, kind in zip(curves.bands, kinds, strict=True) if band.runs > 1),
        *(_mean(band, scale, kind) for band, kind in zip(curves.bands, kinds, strict=True)),
        *_hover(curves.bands, kinds, scale),
        "</svg>",
    ]
    return "".join(parts)


def described(band: Band) -> str:
    """A curve in words."""
    count = f"{band.runs} run{'' if band.runs == 1 else 's'}"
    return (
        f"{band.label}, {count}: from {number(band.means[0])} at step {number(band.steps[0])} to "
        f"{number(band.means[-1])} at step {number(band.steps[-1])}, lowest {number(min(band.lows))}, "
        f"highest {number(max(band.highs))}"
    )


def ticks(low: float, high: float, count: int = _TICKS) -> list[float]:
    """Round values between two, about so many."""
    if not high > low or not math.isfinite(high - low):
        return [low]
    rough = (high - low) / count
    if rough < _SMALLEST:  # no room for round numbers between the smallest floats
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    if step <= 0 or not math.isfinite(step):  # smaller than floats can be told apart
        return [low]
    first = math.ceil(low / step)
    return [
        round((first + place) * step, 12 - math.floor(math.log10(step)))
        for place in range(count + 2)
        if (first + place) * step <= high
    ]


def _axes(scale: Scale) -> Iterator[str]:
    bottom = HEIGHT - _BOTTOM
    for value in ticks(scale.low, scale.high):
        y = f"{scale.y(value):.1f}"
        yield f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
        place = f'x="{_LEFT - 6}" y="{y}" text-anchor="end" dy=".32em"'
        yield f'<text class="tick" {place}>{number(value, 4)}</text>'
    for step in ticks(scale.start, scale.stop):
        x = f"{scale.x(step):.1f}"
        yield f'<text class="tick" x="{x}" y="{bottom + 17}" text-anchor="middle">{number(step, 6)}</text>'
    yield f'<path class="axis" d="M{_LEFT} {bottom}H{WIDTH - _RIGHT}"/>'
    yield f'<text class="tick" x="{WIDTH - _RIGHT}" y="{HEIGHT - 4}" text-anchor="end">step</text>'


def _legend(bands: Sequence[Band], kinds: Sequence[str]) -> Iterator[str]:
    for place, (band, kind) in enumerate(zip(bands, kinds, strict=True)):
        y = 10 + 17 * place
        yield f'<path class="line {kind}" d="M{_LEFT} {y}h22"/>'
        text = f"{html(band.label, _LABEL)} (n={band.runs})"
        yield f'<text class="legend" x="{_LEFT + 28}" y="{y + 4}">{text}</text>'


def _area(band: Band, scale: Scale, kind: str) -> str:
    above = [(scale.x(step), scale.y(value)) for step, value in zip(band.steps, band.highs, strict=True)]
    below = [(scale.x(step), scale.y(value)) for step, value in zip(band.steps, band.lows, strict=True)]
    return f'<path class="band {kind}" d="{_path([*above, *reversed(below)])}Z"/>'


def _mean(band: Band, scale: Scale, kind: str) -> str:
    points = [(scale.x(step), scale.y(value)) for step, value in zip(band.steps, band.means, strict=True)]
    if len(points) == 1:
        x, y = points[0]
        return f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    return f'<path class="line {kind}" d="{_path(points)}"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _hover(bands: Sequence[Band], kinds: Sequence[str], scale: Scale) -> Iterator[str]:
    steps = sorted({step for band in bands for step in band.steps})
    if len(steps) > _PLACES:
        steps = [steps[place * (len(steps) - 1) // (_PLACES - 1)] for place in range(_PLACES)]
    between = [(scale.x(left) + scale.x(right)) / 2 for left, right in pairwise(steps)]
    height = HEIGHT - _TOP - _BOTTOM
    for step, (left, right) in zip(steps, pairwise([_LEFT, *between, WIDTH - _RIGHT]), strict=True):
        x = f"{scale.x(step):.1f}"
        found = [(kind, value_at(band, step)) for band, kind in zip(bands, kinds, strict=True)]
        area = f'x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{height}"'
        yield f'<g class="at"><rect {area}/><g class="tip"><path d="M{x} {_TOP}v{height}"/>'
        for kind, value in found:
            if value is not None:
                yield f'<circle class="dot {kind}" cx="{x}" cy="{scale.y(value):.1f}" r="3.5"/>'
        told = " · ".join(number(value, 5) if value is not None else NONE for _, value in found)
        place = f'x="{WIDTH - _RIGHT}" y="{_TOP - 5}" text-anchor="end"'
        yield f"<text {place}>step {number(step, 6)}: {told}</text></g></g>"


def value_at(band: Band, step: float) -> float | None:
    """The mean at the nearest step, None beyond the ends of the curve."""
    if not band.steps[0] <= step <= band.steps[-1]:
        return None
    place = bisect_left(band.steps, step)
    if place and step - band.steps[place - 1] < band.steps[place] - step:
        place -= 1
    return band.means[place]
