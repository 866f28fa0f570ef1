"""Curves of metrics made fit for drawing, pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from gittrack.core.errors import SelectionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gittrack.core.series import Series

_HINTED = 10
Points = list[tuple[float, float]]


def points(xs: Sequence[float], ys: Sequence[float]) -> Points:
    """The points that can be drawn, in the order of x; what is not a finite number is left out."""
    pairs = [
        (float(x), float(y)) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)
    ]
    return sorted(pairs, key=lambda pair: pair[0])


def thin(curve: Points, columns: int) -> Points:
    """At most `4 * columns` points that look the same.

    Of each column the first, lowest, highest and last point stay, so that no spike gets lost.

    Args:
        curve: in the order of x.
        columns: how many the drawing has, at least 1.
    """
    if len(curve) <= 4 * columns:
        return curve
    start, width = curve[0][0], curve[-1][0] - curve[0][0]
    kept: Points = []
    bucket: Points = []
    current = 0
    for point in curve:
        # Indices of buckets, not times: a long pause at one x must not end up in one bucket.
        number = min(columns - 1, int((point[0] - start) / width * columns)) if width else 0
        if number != current:
            kept += _extremes(bucket)
            bucket, current = [], number
        bucket.append(point)
    return kept + _extremes(bucket)


def _extremes(bucket: Points) -> Points:
    if not bucket:
        return []
    ordered = sorted(range(len(bucket)), key=lambda position: bucket[position][1])
    chosen = sorted({0, ordered[0], ordered[-1], len(bucket) - 1})
    return [bucket[position] for position in chosen]


def smooth(curve: Points, weight: float) -> Points:
    """The exponential moving average, corrected for its start.

    Args:
        curve: in the order of x.
        weight: of the past, from 0 (nothing) to below 1.
    """
    if not weight:
        return curve
    average, scale, smoothed = 0.0, 0.0, []
    for x, y in curve:
        average = average * weight + y * (1 - weight)
        scale = scale * weight + (1 - weight)
        smoothed.append((x, average / scale))
    return smoothed


def sample(values: Sequence[float], count: int) -> list[float]:
    """At most `count` values for a sparkline: of each stretch the one farthest from the mean.

    NaN and infinities are left out.
    """
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) <= count:
        return finite
    middle = sum(finite) / len(finite)
    bounds = [round(number * len(finite) / count) for number in range(count + 1)]
    stretches = (finite[start:stop] for start, stop in pairwise(bounds))
    return [max(stretch, key=lambda value: abs(value - middle)) for stretch in stretches]


def x_values(series: Series, axis: Literal["step", "time"]) -> list[float]:
    """Where the points of a series stand: at their steps, or seconds after the first of them."""
    if axis == "step" or not len(series):
        return [float(step) for step in series.steps]
    start = min(series.times)
    return [(time - start) / 1000 for time in series.times]


def series_of(series: Iterable[Series], key: str) -> list[Series]:
    """The series of one metric, by rank.

    Raises:
        SelectionError: there is none; says what there is.
    """
    every = list(series)
    found = sorted((one for one in every if one.key == key), key=lambda one: one.rank)
    if not found:
        raise unknown_metric(key, [one.key for one in every])
    return found


def unknown_metric(key: str, known: Iterable[str]) -> SelectionError:
    """The error for a metric that is not there."""
    import difflib

    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(key, names, n=1)
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif names:
        hint = f"there are {', '.join(names[:_HINTED])}{', …' if len(names) > _HINTED else ''}"
    else:
        hint = "no metric was logged"
    return SelectionError(f"no metric {key!r}", hint=hint)
