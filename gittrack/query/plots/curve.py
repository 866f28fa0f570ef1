"""Curves of metrics made fit for drawing, pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from gittrack.core.errors import SelectionError
from gittrack.query.drawing.thinning import MANY, Points, thin, track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gittrack.core.series import Series

__all__ = ["Points", "points", "sample", "series_of", "smooth", "thin", "unknown_metric", "x_values"]

_HINTED = 10
Axis = Literal["step", "time"]


def points(xs: Sequence[float], ys: Sequence[float]) -> Points:
    """The points that can be drawn, in the order of x; what is not a finite number is left out.

    Args:
        xs: shape (n,).
        ys: the same.

    Returns:
        A list of pairs; of very long series two columns that read like one.
    """
    return track(xs, ys)


def smooth(curve: Points, weight: float) -> Points:
    """The exponential moving average, corrected for its start, as TensorBoard draws it.

    `average[i] = weight * average[i - 1] + (1 - weight) * y[i]` from 0, divided by `1 - weight ** i`, so that
    the start is not pulled to 0 (`resmoothDataset` in TensorBoard's `vz_line_chart2/line-chart.ts`). Every
    point counts, so it comes before any thinning.

    Args:
        curve: in the order of x.
        weight: of the past, from 0 (nothing) to below 1.
    """
    if not weight or len(curve) < 2:  # noqa: PLR2004  nothing to average
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


def x_values(series: Series, axis: Axis) -> Sequence[float]:
    """Where the points of a series stand: at their steps, or seconds after the first of them."""
    if axis == "step" or not len(series):
        return series.steps if len(series) >= MANY else [float(step) for step in series.steps]
    if len(series) >= MANY:
        import numpy as np

        times = np.asarray(series.times)
        seconds: Sequence[float] = (times - times.min()) / 1000
        return seconds
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
