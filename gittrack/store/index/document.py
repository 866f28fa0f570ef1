"""A run as one JSON text, for the index: compact, and 5 times faster to read than its file; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.core.text import dump_json, load_json, number_in, number_out

if TYPE_CHECKING:
    from collections.abc import Iterable


def pack(run: Run) -> bytes:
    """The text of a run.

    Raises:
        TypeError: a value of it is beyond JSON: a whole number of more than 64 bits, half a character.
    """
    return dump_json(fields_of(run))


def fields_of(run: Run) -> list[Any]:
    """What the text of a run says, in its order."""
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


def unpack(body: bytes) -> Run:
    """The run that :func:`pack` wrote."""
    fields = load_json(body)
    fields[8] = tuple(fields[8])
    fields[13] = {key: _summary(numbers) for key, numbers in fields[13].items()}
    *plain, source, inputs, artifacts = fields
    return Run(
        **dict(zip(_PLAIN, plain, strict=True)),
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
    "params",
    "metrics",
    "tags",
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
