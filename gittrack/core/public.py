"""A run as people and programs outside see it: `ls --json`, `show --json` and the Python functions.

JSON has no NaN and no infinities: the strings `"NaN"`, `"Infinity"` and `"-Infinity"` stand for them,
in metrics and params alike. Times are ISO 8601 in UTC. Every field is always there, null where
nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.text import number_out
from gittrack.core.times import iso

if TYPE_CHECKING:
    from gittrack.core.records import MetricSummary, Run, Source


def record(run: Run, *, detail: bool = False) -> dict[str, Any]:
    """The public record of a run.

    Args:
        run: the run.
        detail: metrics as `{last, step, time, min, max, count}` instead of their last value, and what
            the snapshot of the code left out.
    """
    return {
        "run_id": run.id,
        "run_name": run.name,
        "experiment": run.experiment,
        "status": run.status,
        "start_time": iso(run.start_time),
        "end_time": None if run.end_time is None else iso(run.end_time),
        "exit_code": run.exit_code,
        "signal": run.signal,
        "command": list(run.command),
        "params": {key: finite(value) for key, value in run.params.items()},
        "metrics": {
            key: _summary(one) if detail else number_out(one.last) for key, one in run.metrics.items()
        },
        "tags": dict(run.tags),
        "note": run.note,
        "source": _source(run.source, detail=detail),
        "inputs": [_slots(one) for one in run.inputs],
        "artifacts": [_slots(one) for one in run.artifacts],
        "parent_run_id": run.parent_id,
        "user": run.user,
        "host": run.host,
        "peak_memory": run.peak_memory,
        "attempt": run.attempt,
        "deleted": run.deleted,
    }


def finite(value: Any) -> Any:  # noqa: ANN401  a JSON value to a JSON value
    """A JSON value with floats that JSON cannot say replaced by their names."""
    if isinstance(value, float):
        return number_out(value)
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def flat(run: Run) -> dict[str, Any]:
    """The record in one level, for tables: `params.lr`, `metrics.acc`, `tags.owner`, `source.commit`.

    Values are text, numbers, booleans or None; the command is one line, as a shell would read it, and
    inputs and artifacts are left out.
    """
    import shlex

    whole = record(run)
    row = {key: value for key, value in whole.items() if not isinstance(value, (dict, list))}
    row["command"] = shlex.join(run.command)
    for group in ("source", "params", "metrics", "tags"):
        row |= {f"{group}.{key}": _scalar(value) for key, value in whole[group].items()}
    return row


def _scalar(value: Any) -> Any:  # noqa: ANN401  a JSON value to one without structure
    if not isinstance(value, (dict, list)):
        return value
    from gittrack.core.text import dump_json

    return dump_json(value).decode()


def _summary(one: MetricSummary) -> dict[str, Any]:
    return {
        "last": number_out(one.last),
        "step": one.step,
        "time": iso(one.time),
        "min": number_out(one.min),
        "max": number_out(one.max),
        "count": one.count,
    }


def _source(source: Source, *, detail: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "commit": source.commit,
        "dirty": source.dirty,
        "snapshot": source.snapshot,
        "branch": source.branch,
        "remote": source.remote,
    }
    if detail:
        fields |= {
            "directory": source.directory,
            "left_out": dict(source.left_out),
            "missing": source.missing,
        }
    return fields


def _slots(one: Any) -> dict[str, Any]:  # noqa: ANN401  an Artifact or an Input
    fields = {name: getattr(one, name) for name in one.__slots__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
