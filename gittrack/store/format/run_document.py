"""`run.yaml`: a run as a document, and back; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gittrack.core.errors import MalformedFile
from gittrack.core.records import STATUSES, Artifact, Input, MetricSummary, Run, Source, Status
from gittrack.core.text import load, number_in, number_out
from gittrack.core.times import from_iso, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_SCHEMA = "gittrack.run/1"
_FAMILY = "gittrack.run/"
_HEAD = ("schema", "run_id", "run_name", "experiment", "status", "start_time", "end_time", "exit_code")
_MIDDLE = ("signal", "attempt", "user", "host", "parent_run_id", "peak_memory", "command", "source")
_TAIL = ("params", "metrics", "tags", "note", "inputs", "artifacts")
KNOWN = frozenset({*_HEAD, *_MIDDLE, *_TAIL})
"""The fields of this version."""


def document_of(run: Run) -> dict[str, Any]:
    """The document of a run: fields in reading order, what is unknown or empty left out."""
    fields: dict[str, Any] = {
        "schema": RUN_SCHEMA,
        "run_id": run.id,
        "run_name": run.name or None,
        "experiment": run.experiment,
        "status": run.status,
        "start_time": iso(run.start_time),
        "end_time": None if run.end_time is None else iso(run.end_time),
        "exit_code": run.exit_code,
        "signal": run.signal,
        "attempt": run.attempt if run.attempt > 1 else None,
        "user": run.user,
        "host": run.host,
        "parent_run_id": run.parent_id,
        "peak_memory": run.peak_memory,
        "command": list(run.command),
        "source": _source(run.source),
        "params": dict(run.params),
        "metrics": {key: _summary(summary) for key, summary in run.metrics.items()},
        "tags": dict(run.tags),
        "note": run.note,
        "inputs": [_input(used) for used in run.inputs],
        "artifacts": [_artifact(artifact) for artifact in run.artifacts],
    }
    kept = {key: value for key, value in fields.items() if value is not None and value not in ("", [], {})}
    return kept | {key: value for key, value in run.extra.items() if key not in KNOWN}


def run_of(data: bytes, where: str, run_id: str) -> Run:
    """The run in a `run.yaml`.

    Args:
        data: the file.
        where: its path, for messages.
        run_id: the id that its directory says.

    Raises:
        MalformedFile: it is no such file, or of another run. A file of a newer version is read as
            far as it is understood.
    """
    document = load(data, where=where)
    if not str(document.get("schema", "")).startswith(_FAMILY):
        raise MalformedFile(where, f"schema is {document.get('schema')!r}, not {_FAMILY}…")
    if document.get("run_id") != run_id:
        raise MalformedFile(where, f"belongs to another run: {document.get('run_id')!r}")
    try:
        return _run(document)
    except KeyError as error:
        raise MalformedFile(where, f"no field {error}") from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise MalformedFile(where, str(error)) from error


def _run(document: Mapping[str, Any]) -> Run:
    get = document.get
    end = get("end_time")
    return Run(
        id=document["run_id"],
        experiment=_text(document["experiment"], "experiment"),
        name=_text(get("run_name", ""), "run_name"),
        status=_status(document["status"]),
        start_time=from_iso(document["start_time"]),
        end_time=None if end is None else from_iso(end),
        exit_code=_whole(get("exit_code"), "exit_code"),
        signal=_optional(get("signal"), "signal"),
        command=tuple(map(str, _list(get("command", []), "command"))),
        user=_optional(get("user"), "user"),
        host=_optional(get("host"), "host"),
        parent_id=_optional(get("parent_run_id"), "parent_run_id"),
        source=_parse_source(_mapping(get("source", {}), "source")),
        params=_mapping(get("params", {}), "params"),
        metrics={key: _parse_summary(item) for key, item in _mapping(get("metrics", {}), "metrics").items()},
        tags={key: _tag(value) for key, value in _mapping(get("tags", {}), "tags").items()},
        note=_text(get("note", ""), "note"),
        inputs=tuple(_parse_input(item) for item in _list(get("inputs", []), "inputs")),
        artifacts=tuple(_parse_artifact(item) for item in _list(get("artifacts", []), "artifacts")),
        peak_memory=_whole(get("peak_memory"), "peak_memory"),
        attempt=_whole(get("attempt", 1), "attempt") or 1,
        extra={key: document[key] for key in document.keys() - KNOWN} if document.keys() - KNOWN else {},
    )


def _source(source: Source) -> dict[str, Any]:
    fields = {
        "commit": source.commit,
        "dirty": source.dirty,
        "snapshot": source.snapshot,
        "branch": source.branch,
        "remote": source.remote,
        "directory": source.directory,
        "missing": source.missing,
        "left_out": dict(source.left_out) or None,
    }
    kept = {key: value for key, value in fields.items() if value is not None}
    return {} if kept == {"dirty": False} else kept


def _parse_source(item: Mapping[str, Any]) -> Source:
    if not item:
        return Source()
    left_out = _mapping(item.get("left_out", {}), "left_out")
    return Source(
        commit=_optional(item.get("commit"), "commit"),
        dirty=item.get("dirty") is True,
        snapshot=_optional(item.get("snapshot"), "snapshot"),
        branch=_optional(item.get("branch"), "branch"),
        remote=_optional(item.get("remote"), "remote"),
        directory=_optional(item.get("directory"), "directory"),
        left_out={key: str(value) for key, value in left_out.items()},
        missing=_optional(item.get("missing"), "missing"),
    )


def _summary(summary: MetricSummary) -> dict[str, Any]:
    return {
        "last": number_out(summary.last),
        "step": summary.step,
        "time": summary.time,
        "min": number_out(summary.min),
        "max": number_out(summary.max),
        "count": summary.count,
    }


def _parse_summary(item: Any) -> MetricSummary:  # noqa: ANN401  a JSON value
    last, low, high = item["last"], item["min"], item["max"]
    if not (type(last) is type(low) is type(high) is float):
        last, low, high = number_in(last), number_in(low), number_in(high)
    return MetricSummary(last, int(item["step"]), int(item["time"]), low, high, int(item["count"]))


def _input(used: Input) -> dict[str, Any]:
    fields = {
        "name": used.name,
        "uri": used.uri,
        "sha256": used.sha256,
        "size": used.size,
        "version": used.version,
        "kind": used.kind,
        "context": used.context,
        "shape": list(used.shape) or None,
        "columns": dict(used.columns) or None,
        "kept": used.kept or None,
    }
    return {key: item for key, item in fields.items() if item is not None}


def _artifact(made: Artifact) -> dict[str, Any]:
    fields = {"path": made.path, "sha256": made.sha256, "size": made.size}
    return fields if made.kind == "file" else {**fields, "kind": made.kind}


def _parse_input(item: Any) -> Input:  # noqa: ANN401  a JSON value
    fields = _mapping(item, "inputs")
    return Input(
        name=_text(fields["name"], "name"),
        uri=_text(fields["uri"], "uri"),
        sha256=_optional(fields.get("sha256"), "sha256"),
        size=_whole(fields.get("size"), "size"),
        version=_optional(fields.get("version"), "version"),
        kind=_optional(fields.get("kind"), "kind"),
        context=_optional(fields.get("context"), "context"),
        shape=tuple(_whole(item, "shape") or 0 for item in _list(fields.get("shape", []), "shape")),
        columns={key: str(item) for key, item in _mapping(fields.get("columns", {}), "columns").items()},
        kept=fields.get("kept") is True,
    )


def _parse_artifact(item: Any) -> Artifact:  # noqa: ANN401  a JSON value
    fields = _mapping(item, "artifacts")
    kind = fields.get("kind", "file")
    if kind not in {"file", "directory"}:
        msg = f"artifact of unknown kind {kind!r}"
        raise ValueError(msg)
    return Artifact(
        path=_text(fields["path"], "path"),
        sha256=_text(fields["sha256"], "sha256"),
        size=_whole(fields["size"], "size") or 0,
        kind=kind,
    )


def _status(value: Any) -> Status:  # noqa: ANN401  a JSON value
    if value in STATUSES:
        return cast("Status", value)
    msg = f"unknown status {value!r}"
    raise ValueError(msg)


def _text(value: Any, name: str) -> str:  # noqa: ANN401  a JSON value
    if isinstance(value, str):
        return value
    msg = f"{name} is not text"
    raise ValueError(msg)


def _optional(value: Any, name: str) -> str | None:  # noqa: ANN401  a JSON value
    return None if value is None else _text(value, name)


def _whole(value: Any, name: str) -> int | None:  # noqa: ANN401  a JSON value
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    msg = f"{name} is not a whole number"
    raise ValueError(msg)


def _tag(value: Any) -> str:  # noqa: ANN401  a JSON value
    return value if isinstance(value, str) else str(value)


def _mapping(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401  a JSON value
    if isinstance(value, dict):
        return value
    msg = f"{name} is not a mapping"
    raise ValueError(msg)


def _list(value: Any, name: str) -> list[Any]:  # noqa: ANN401  a JSON value
    if isinstance(value, list):
        return value
    msg = f"{name} is not a list"
    raise ValueError(msg)
