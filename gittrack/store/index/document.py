"""A run as JSON texts, for the index: compact, and 5 times faster to read than its file; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.core.text import dump_json, load_json, number_in, number_out

if TYPE_CHECKING:
    from collections.abc import Iterable


PARAMS, METRICS, TAGS, INPUTS = 12, 13, 14, 21
"""Where these are among the fields."""


class Body(NamedTuple):
    """A run as JSON texts: what can be very many on their own, so that one is read without the others."""

    params: bytes
    tags: bytes
    metrics: bytes
    inputs: bytes
    artifacts: bytes
    rest: bytes


def pack(fields: list[Any]) -> Body:
    """The texts of the fields of a run.

    Raises:
        TypeError: a value is beyond JSON: a whole number of more than 64 bits, half a character.
    """
    params, metrics, tags = fields[PARAMS : TAGS + 1]
    rest = [*fields[:PARAMS], *fields[TAGS + 1 : INPUTS]]
    return Body(*map(_dump, (params, tags, metrics, *fields[INPUTS:], rest)))


def _dump(value: Any) -> bytes:  # noqa: ANN401  a JSON value
    try:
        return orjson.dumps(value)  # half as long as with all that `dump_json` is ready for
    except orjson.JSONEncodeError:
        return dump_json(value)


def fields_of(run: Run) -> list[Any]:
    """What is kept of a run, in this order."""
    source = run.source
    return [
        run.id,
        run.experiment,
        run.name,
        run.status,
        run.start_time,
        run.end_time,
        run.exit_code,
        run.signal,
        run.command,
        run.user,
        run.host,
        run.parent_id,
        run.params,
        {key: _numbers(one) for key, one in run.metrics.items()},
        run.tags,
        run.note,
        run.peak_memory,
        run.attempt,
        run.deleted,
        run.extra,
        [
            source.commit,
            source.dirty,
            source.snapshot,
            source.branch,
            source.remote,
            source.directory,
            source.left_out,
            source.missing,
        ],
        [_input(one) for one in run.inputs],
        [[one.path, one.sha256, one.size, one.kind] for one in run.artifacts],
    ]


def unpack(body: Body) -> Run:
    """The run that :func:`pack` wrote."""
    params, tags, metrics, inputs, artifacts, rest = map(load_json, body)
    rest[8] = tuple(rest[8])
    *plain, source = rest
    return Run(
        **dict(zip(_PLAIN, plain, strict=True)),
        params=params,
        tags=tags,
        metrics={key: _summary(numbers) for key, numbers in metrics.items()},
        source=Source(*source),
        inputs=tuple(_unpack_input(*one) for one in inputs),
        artifacts=tuple(Artifact(*one) for one in artifacts),
    )


_PLAIN = [
    "id",
    "experiment",
    "name",
    "status",
    "start_time",
    "end_time",
    "exit_code",
    "signal",
    "command",
    "user",
    "host",
    "parent_id",
    "note",
    "peak_memory",
    "attempt",
    "deleted",
    "extra",
]


def _input(one: Input) -> list[Any]:
    plain = [one.name, one.uri, one.sha256, one.size, one.version]
    more = [one.kind, one.context, one.shape, one.columns, one.kept]
    return [*plain, *more] if any(more) else plain


def _unpack_input(*fields: Any) -> Input:  # noqa: ANN401  as they were packed
    name, uri, sha256, size, version, *more = fields
    if not more:
        return Input(name, uri, sha256, size, version)
    kind, context, shape, columns, kept = more
    return Input(name, uri, sha256, size, version, kind, context, tuple(shape), columns, kept)


def _numbers(one: MetricSummary) -> list[Any]:
    numbers = [one.last, one.step, one.time, one.min, one.max, one.count]
    # NaN and the infinities: the difference of a number to itself is 0 only for the others
    if one.last - one.last or one.min - one.min or one.max - one.max:
        return list(map(_out, numbers))
    return numbers


def _out(number: float) -> float | str:
    return number if isinstance(number, int) else number_out(number)


def _summary(numbers: Iterable[Any]) -> MetricSummary:
    last, step, time, low, high, count = numbers
    if type(last) is str or type(low) is str or type(high) is str:
        last, low, high = number_in(last), number_in(low), number_in(high)
    return MetricSummary(last, step, time, low, high, count)
