"""What is pushed of a running run: its record, and each metric in little room; pure.

One JSON document of some kilobytes, however long the run: `schema` (`gittrack.live/1`), `time` of the
push and `every` (seconds to the next one), `run` (the event that begins a run, without metrics) and
`metrics`: key, rank, count, low, high, and columns of steps, values and times of the thinned history and
of the last points.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.events import Started, decode, encode
from gittrack.core.ids import is_key, is_run_id
from gittrack.core.text import dump_json, load_json, number_in, number_out
from gittrack.store.journal.tail import KEPT, RECENT, Point, Tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.core.records import Run

SCHEMA = "gittrack.live/1"
_METRICS = 2000


class LiveState(NamedTuple):
    """A running run somewhere, as it was pushed.

    Attributes:
        run: what is known of it, metrics included.
        tails: its metrics by name and rank.
        time: when it was pushed, milliseconds since the epoch.
        every: seconds between two pushes.
    """

    run: Run
    tails: Mapping[tuple[str, int], Tail]
    time: int
    every: float


def pack(run: Run, tails: Iterable[Tail], time: int, every: float) -> bytes:
    """The document."""
    plain = encode(Started(dataclasses.replace(run, metrics={})))
    metrics = [_metric(tail) for tail in tails if tail.count][:_METRICS]
    return dump_json({"schema": SCHEMA, "time": time, "every": every, "run": plain, "metrics": metrics})


def unpack(data: bytes) -> LiveState:
    """The state in a document.

    Raises:
        ValueError: it is none, or one of another version.
    """
    try:
        body = load_json(data)
        if body["schema"] != SCHEMA:
            msg = f"schema {body['schema']!r:.40} is not {SCHEMA}"
            raise ValueError(msg)
        event = decode(body["run"])
        tails = {(one.key, one.rank): one for one in map(_tail, body["metrics"][:_METRICS])}
        time, every = int(body["time"]), float(body["every"])
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        msg = f"not the state of a run: {error}"
        raise ValueError(msg) from error
    if not isinstance(event, Started) or not is_run_id(event.run.id):
        msg = "no run begins in it"
        raise ValueError(msg)
    return LiveState(_with_metrics(event.run, tails), tails, time, every)


def _with_metrics(run: Run, tails: Mapping[tuple[str, int], Tail]) -> Run:
    lowest: dict[str, Tail] = {}
    for where in sorted(tails):
        lowest.setdefault(where[0], tails[where])
    return dataclasses.replace(run, metrics={key: tail.summary() for key, tail in lowest.items()})


def _metric(tail: Tail) -> dict[str, Any]:
    low, high = tail.bounds
    body: dict[str, Any] = {"key": tail.key, "rank": tail.rank, "count": tail.count}
    body |= {"low": number_out(low), "high": number_out(high)}
    return body | {"history": _columns(tail.history), "recent": _columns(tail.recent)}


def _columns(points: Iterable[Point]) -> list[list[Any]]:
    found = list(points)
    return [
        [point.step for point in found],
        [number_out(point.value) for point in found],
        [point.time for point in found],
    ]


def _tail(body: Mapping[str, Any]) -> Tail:
    key, rank, count = body["key"], body["rank"], body["count"]
    if not isinstance(key, str) or not is_key(key) or type(rank) is not int or type(count) is not int:
        msg = f"not a metric: {key!r:.80}"
        raise ValueError(msg)
    recent = _points(body["recent"], RECENT)
    if not recent or count < 1:
        msg = f"{key!r:.80} has no point"
        raise ValueError(msg)
    low, high = number_in(body["low"]), number_in(body["high"])
    return Tail.restored(key, rank, count, (low, high), _points(body["history"], KEPT), recent)


def _points(columns: list[list[Any]], most: int) -> list[Point]:
    steps, values, times = columns
    rows = zip(steps[-most:], values[-most:], times[-most:], strict=True)
    return [Point(int(step), number_in(value), int(time)) for step, value, time in rows]
