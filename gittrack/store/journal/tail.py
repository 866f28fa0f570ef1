"""What is known of one metric while it grows, in little memory; pure."""

from __future__ import annotations

import math
from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.records import MetricSummary
from gittrack.core.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT = 128  # points of the history, evenly spread
RECENT = 64


class Point(NamedTuple):
    """One point; its time in milliseconds since the epoch."""

    step: int
    value: float
    time: int


class Tail:
    """One metric of one rank: its summary, its last points, and a thinned history.

    Attributes:
        key: name of the metric.
        rank: of the process that logs it.
        count: how many points came.
        last: the newest one, None before the first.
        recent: the last points, for rates.
        history: at most `KEPT` points over the whole run.
    """

    __slots__ = ("_every", "_high", "_low", "count", "history", "key", "last", "rank", "recent")

    def __init__(self, key: str, rank: int = 0) -> None:
        self.key = key
        self.rank = rank
        self.count = 0
        self.last: Point | None = None
        self.recent: deque[Point] = deque(maxlen=RECENT)
        self.history: list[Point] = []
        self._every = 1
        self._low = math.inf
        self._high = -math.inf

    @classmethod
    def restored(
        cls,
        key: str,
        rank: int,
        count: int,
        bounds: tuple[float, float],
        history: list[Point],
        recent: Iterable[Point],
    ) -> Tail:
        """One as it was somewhere else; nothing is added to it here.

        Args:
            key: name of the metric.
            rank: of the process that logs it.
            count: how many points came.
            bounds: smallest and largest value, NaN where there is none.
            history: at most `KEPT` points.
            recent: the last points, one or more.
        """
        tail = cls(key, rank)
        tail.count = count
        tail._low, tail._high = bounds
        tail.history = history
        tail.recent.extend(recent)
        tail.last = tail.recent[-1]
        return tail

    def add(self, points: Iterable[Point]) -> None:
        """Take in points, in the order in which they were logged."""
        for point in points:
            if self.count % self._every == 0:
                self._remember(point)
            self.count += 1
            value = point.value
            self._low = min(self._low, value)
            self._high = max(self._high, value)
            if self.last is None or point.time >= self.last.time:
                self.last = point
                self.recent.append(point)

    def _remember(self, point: Point) -> None:
        self.history.append(point)
        if len(self.history) > KEPT:
            self.history = self.history[::2]
            self._every *= 2

    @property
    def values(self) -> list[float]:
        """The values of the history."""
        return [point.value for point in self.history]

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that is a number, NaN where there is none."""
        return (self._low, self._high) if self._low <= self._high else (math.nan, math.nan)

    def series(self) -> Series:
        """The history and the last points, as far as they are known here."""
        found = Series(self.key, self.rank)
        for point in sorted(dict.fromkeys([*self.history, *self.recent]), key=attrgetter("time", "step")):
            found.append(*point)
        return found

    def summary(self) -> MetricSummary:
        """As of a finished run.

        Raises:
            ValueError: no point came yet.
        """
        if self.last is None:
            msg = f"{self.key!r} has no point"
            raise ValueError(msg)
        low, high = self.bounds
        return MetricSummary(self.last.value, self.last.step, self.last.time, low, high, self.count)
