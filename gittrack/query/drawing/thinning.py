"""Points made few enough to draw, with every extreme kept.

A drawing has columns. Of each column the first, lowest, highest and last point stay: a line through
these covers the same dots as one through all of them (the M4 aggregation: Jugel, Jerzak, Hackenbroich,
Markl: "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014). Long series go through
numpy, which comes with pandas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

from gittrack.query.drawing.axes import Axis, axis, tame

if TYPE_CHECKING:
    from collections.abc import Iterator

Point = tuple[float, float]
Points = Sequence[Point]
Column = Any
"""Numbers, shape (n,): a list, an `array` or a numpy array."""
MANY = 20_000
"""From so many points on numpy is worth its import."""


class Track(Sequence[Point]):
    """Points as two columns, for long series; reads like a sequence of pairs.

    Args:
        xs: numpy array or `array`, float64, shape (n,), ascending.
        ys: the same, in that order.
    """

    __slots__ = ("xs", "ys")

    def __init__(self, xs: Any, ys: Any) -> None:  # noqa: ANN401  numpy is loaded only where it is needed
        self.xs = xs
        self.ys = ys

    def __len__(self) -> int:
        return len(self.xs)

    @overload
    def __getitem__(self, index: int) -> Point: ...

    @overload
    def __getitem__(self, index: slice) -> list[Point]: ...

    def __getitem__(self, index: int | slice) -> Point | list[Point]:
        if isinstance(index, slice):
            return list(zip(self.xs[index].tolist(), self.ys[index].tolist(), strict=True))
        return float(self.xs[index]), float(self.ys[index])

    def __iter__(self) -> Iterator[Point]:
        return iter(self[:])


def track(xs: Column, ys: Column) -> Points:
    """Points in the order of x, those that are no finite numbers left out.

    Args:
        xs: shape (n,).
        ys: the same.
    """
    if len(xs) >= MANY:
        return _long_track(xs, ys)
    pairs = [
        (float(x), float(y)) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)
    ]
    return sorted(pairs, key=lambda pair: pair[0])


def _long_track(xs: Column, ys: Column) -> Track:
    import numpy as np

    x, y = np.asarray(xs), np.asarray(ys, dtype=np.float64)
    # A sum is finite when all of it is, and one pass; where it is not, each is looked at.
    if not math.isfinite(float(y.sum())) or (x.dtype.kind == "f" and not math.isfinite(float(x.sum()))):
        good = np.isfinite(x) & np.isfinite(y)
        x, y = x[good], y[good]
    if len(x) and bool((x[1:] < x[:-1]).any()):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return Track(x, y)


def drawable(points: Points, *, log_x: bool = False, log_y: bool = False) -> Points:
    """The points that can stand on such axes; those at the rim of a float moved inwards."""
    if isinstance(points, Track):
        return _drawable_track(points, log_x=log_x, log_y=log_y)
    tame_ones = [(tame(x), tame(y)) for x, y in points if math.isfinite(x) and math.isfinite(y)]
    return [(x, y) for x, y in tame_ones if (x > 0 or not log_x) and (y > 0 or not log_y)]


def _drawable_track(points: Track, *, log_x: bool, log_y: bool) -> Points:
    x, y = points.xs, points.ys
    (low_x, high_x), (low_y, high_y) = ends(points) if len(points) else ((0.0, 0.0), (0.0, 0.0))
    if any(tame(one) != one for one in (low_x, high_x, low_y, high_y)):
        return drawable(list(points), log_x=log_x, log_y=log_y)
    if (log_x and low_x <= 0) or (log_y and low_y <= 0):
        good = (x > 0) if log_x else (y > 0)
        good &= (y > 0) if log_y else good
        x, y = x[good], y[good]
    return Track(x, y)


def ends(points: Points) -> tuple[Point, Point]:
    """Lowest and highest x, lowest and highest y; of at least one point."""
    if isinstance(points, Track):
        return (float(points.xs[0]), float(points.xs[-1])), (float(points.ys.min()), float(points.ys.max()))
    xs, ys = zip(*points, strict=True)
    return (min(xs), max(xs)), (min(ys), max(ys))


def thin(points: Points, columns: int, across: Axis | None = None) -> list[Point]:
    """At most `4 * columns` points that look the same.

    Args:
        points: in the order of x.
        columns: how many the drawing has, at least 1.
        across: the x axis of the drawing; that of the points alone when None.
    """
    if len(points) <= 4 * columns:
        return list(points)
    scale = across or axis((points[0][0], points[-1][0]))
    if isinstance(points, Track):
        return _thin_track(points, columns, scale)
    kept: list[Point] = []
    bucket: list[Point] = []
    current = None
    for point in points:
        number = scale.at(point[0], columns)
        if number != current:
            kept += _extremes(bucket)
            bucket, current = [], number
        bucket.append(point)
    return kept + _extremes(bucket)


def _extremes(bucket: list[Point]) -> list[Point]:
    if not bucket:
        return []
    low = min(range(len(bucket)), key=lambda place: bucket[place][1])
    high = max(range(len(bucket)), key=lambda place: bucket[place][1])
    return [bucket[place] for place in sorted({0, low, high, len(bucket) - 1})]


def _thin_track(points: Track, columns: int, scale: Axis) -> list[Point]:
    """The same by numpy: columns are stretches of an ascending x, each found by its first point."""
    import numpy as np

    x, y = points.xs, points.ys
    starts = [0, *np.searchsorted(x, _borders(columns, scale)).tolist(), len(x)]
    kept: list[int] = []
    for start, stop in pairwise(starts):
        if start < stop:
            piece = y[start:stop]
            kept += sorted({start, start + int(piece.argmin()), start + int(piece.argmax()), stop - 1})
    return list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))


def _borders(columns: int, scale: Axis) -> list[float]:
    """The x at which one column ends and the next begins."""
    low, high = (math.log(scale.low), math.log(scale.high)) if scale.log else (scale.low, scale.high)
    shares = ((column - 0.5) / (columns - 1) for column in range(1, columns))
    places = (low + share * (high - low) for share in shares)
    return [math.exp(place) for place in places] if scale.log else list(places)
