"""The points of metrics, in columns.

A run logs each metric as a series of points (step, value, time). Steps may repeat and may go back.
A run that is resumed starts a new *attempt*; what an attempt logs from its smallest step on
supersedes the points of earlier attempts at that step and after. Nothing is dropped: superseded
points stay in the file, only :meth:`Series.effective` leaves them out.
"""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gittrack.core.records import MetricSummary
from gittrack.core.text import dump_json, load_json, number_in, number_out
from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_TOO_MANY = 2**31


def _ints() -> array[int]:
    return array("q")


def _floats() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Series:
    """All points of one metric of one rank, in the order they were logged.

    Attributes:
        key: name of the metric.
        rank: of the process in a distributed run, 0 otherwise.
        steps: int64, shape (n,).
        values: float64, shape (n,).
        times: int64, shape (n,), milliseconds since the epoch.
        attempts: offset of the first point of each attempt but the first, ascending.
    """

    key: str
    rank: int = 0
    steps: array[int] = field(default_factory=_ints)
    values: array[float] = field(default_factory=_floats)
    times: array[int] = field(default_factory=_ints)
    attempts: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def append(self, step: int, value: float, time: int) -> None:
        """Add one point."""
        self.steps.append(step)
        self.values.append(value)
        self.times.append(time)

    def extend(self, later: Series) -> None:
        """Add the points of a later attempt."""
        if len(later) and len(self):
            self.attempts = (*self.attempts, len(self), *(len(self) + start for start in later.attempts))
        self.steps.extend(later.steps)
        self.values.extend(later.values)
        self.times.extend(later.times)

    def effective(self) -> Series:
        """The points that count: superseded ones left out. `self` when there are none."""
        if not self.attempts:
            return self
        keep: list[int] = []
        for start, stop in pairwise((0, *self.attempts, len(self))):
            if start == stop:
                continue
            first = min(self.steps[start:stop])
            keep = [index for index in keep if self.steps[index] < first]
            keep.extend(range(start, stop))
        chosen = Series(self.key, self.rank)
        for index in keep:
            chosen.append(self.steps[index], self.values[index], self.times[index])
        return chosen

    def summary(self) -> MetricSummary:
        """The summary over the points that count.

        Raises:
            ValueError: there is no point.
        """
        series = self.effective()
        values = series.values
        if not values:
            msg = f"{self.key!r} has no point"
            raise ValueError(msg)
        numbers = values.tolist()
        if math.isnan(sum(numbers)):  # NaN makes min and max depend on the order
            numbers = [value for value in numbers if not math.isnan(value)]
        low, high = min(numbers, default=math.nan), max(numbers, default=math.nan)
        return MetricSummary(values[-1], series.steps[-1], series.times[-1], low, high, len(values))


def summarise(series: Iterable[Series]) -> dict[str, MetricSummary]:
    """Name to summary; of the lowest rank that logged the metric."""
    lowest: dict[str, Series] = {}
    for one in series:
        if len(one) and (one.key not in lowest or one.rank < lowest[one.key].rank):
            lowest[one.key] = one
    return {key: lowest[key].summary() for key in sorted(lowest)}


def join(earlier: Iterable[Series], later: Iterable[Series]) -> list[Series]:
    """The series of a run and of its next attempt as one; changes neither argument."""
    joined: dict[tuple[str, int], Series] = {}
    for one in (*earlier, *later):
        slot = joined.get((one.key, one.rank))
        if slot is None:
            slot = joined[one.key, one.rank] = Series(one.key, one.rank)
            slot.attempts = one.attempts
            slot.steps, slot.values, slot.times = one.steps[:], one.values[:], one.times[:]
        else:
            slot.extend(one)
    return list(joined.values())


def encode(series: Iterable[Series]) -> bytes:
    """`metrics.jsonl`: one line a series, sorted by key and rank."""
    lines = []
    for one in sorted(series, key=lambda item: (item.key, item.rank)):
        line: dict[str, Any] = {"key": one.key}
        if one.rank:
            line["rank"] = one.rank
        if one.attempts:
            line["attempts"] = list(one.attempts)
        values: list[Any] = one.values.tolist()
        if not all(map(math.isfinite, values)):
            values = [number_out(value) for value in values]
        line |= {"steps": one.steps.tolist(), "values": values, "times": one.times.tolist()}
        lines.append(dump_json(line))
    return b"".join(line + b"\n" for line in lines)


def decode(data: bytes) -> Iterator[Series]:
    """The series in a `metrics.jsonl`.

    Raises:
        ValueError: a line is not a series; the message names the line.
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield _decode_line(load_json(line))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            msg = f"line {number} is not a series: {error}"
            raise ValueError(msg) from error


def _decode_line(line: Mapping[str, Any]) -> Series:
    try:
        values = array("d", line["values"])
    except TypeError:
        values = array("d", map(number_in, line["values"]))
    one = Series(
        _key(line["key"]),
        _whole(line.get("rank", 0)),
        array("q", line["steps"]),
        values,
        array("q", line["times"]),
        tuple(map(_whole, line.get("attempts", ()))),
    )
    if not len(one.steps) == len(values) == len(one.times):
        msg = "columns of different lengths"
        raise ValueError(msg)
    if any(start > stop for start, stop in pairwise((0, *one.attempts, len(values)))):
        msg = "attempts out of order"
        raise ValueError(msg)
    return one


def _key(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    msg = f"not a name: {value!r:.80}"
    raise ValueError(msg)


def _whole(value: object) -> int:
    if type(value) is int and 0 <= value < _TOO_MANY:
        return value
    msg = f"not a number that counts: {value!r:.80}"
    raise ValueError(msg)
