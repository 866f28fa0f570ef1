"""The fields that a filter may name; pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal

from gittrack.query.filter.nodes import Field

if TYPE_CHECKING:
    from gittrack.query.filter.nodes import Kind

Type = Literal["text", "number", "time", "duration", "bool", "status", "loose"]

ATTRIBUTES: dict[str, Type] = {
    "run_id": "text",
    "run_name": "text",
    "status": "status",
    "experiment": "text",
    "start_time": "time",
    "end_time": "time",
    "duration": "duration",
    "user": "text",
    "host": "text",
    "exit_code": "number",
    "note": "text",
    "parent_run_id": "text",
    "commit": "text",
    "branch": "text",
    "snapshot": "text",
    "dirty": "bool",
    "deleted": "bool",
}
ITEMS = {"inputs": ("name", "uri", "sha256"), "artifacts": ("path", "sha256")}
PARTS = ("last", "min", "max", "count", "step")

_ALIASES = {
    "id": "run_id",
    "name": "run_name",
    "run name": "run_name",
    "created": "start_time",
    "experiment_id": "experiment",
    "experiment_name": "experiment",
    "user_id": "user",
    "parent_id": "parent_run_id",
}
_KINDS: dict[str, Kind] = {
    "metric": "metrics",
    "metrics": "metrics",
    "param": "params",
    "params": "params",
    "parameter": "params",
    "parameters": "params",
    "tag": "tags",
    "tags": "tags",
    "attribute": "attributes",
    "attributes": "attributes",
    "attr": "attributes",
    "run": "attributes",
    "source": "attributes",
    "input": "inputs",
    "inputs": "inputs",
    "dataset": "inputs",
    "datasets": "inputs",
    "artifact": "artifacts",
    "artifacts": "artifacts",
}
_MLFLOW_TAGS = {
    "mlflow.runName": "run_name",
    "mlflow.user": "user",
    "mlflow.note.content": "note",
    "mlflow.parentRunId": "parent_run_id",
    "mlflow.source.git.commit": "commit",
    "mlflow.source.git.branch": "branch",
}
_ITEM_ALIASES = {"digest": "sha256", "source": "uri"}


class Unfit(ValueError):
    """A field or value that cannot be, with a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def field_of(name: str, key: str | None = None) -> Field:
    """The field of a name.

    Args:
        name: `metrics.acc`, or `status`; when `key` is given, the group alone: `metrics`.
        key: a key that was quoted.

    Raises:
        Unfit: there is no such field.
    """
    head, dot, rest = name.partition(".")
    if key is None and not dot:
        return Field("attributes", _attribute(name))
    kind = _KINDS.get(head.lower())
    found = rest if key is None else key
    if kind is None:
        close = difflib.get_close_matches(head.lower(), _KINDS, n=1)
        hint = (
            f"did you mean {close[0]}.{found}?"
            if close
            else f"write metrics.{found}, params.{found} or tags.{found}"
        )
        msg = f"no field {name}"
        raise Unfit(msg, hint)
    if not found:
        msg = f"{head} of what?"
        raise Unfit(msg, f"write {head}.KEY")
    if kind == "attributes":
        return Field(kind, _attribute(found))
    if kind == "tags" and found in _MLFLOW_TAGS:
        return Field("attributes", _MLFLOW_TAGS[found])
    return Field(kind, _item(kind, found) if kind in ITEMS else found)


def _attribute(name: str) -> str:
    lower = name.lower()
    known = _ALIASES.get(lower, lower)
    if known in ATTRIBUTES:
        return known
    close = difflib.get_close_matches(lower, [*ATTRIBUTES, *_ALIASES], n=1)
    shown = name if len(name) < 40 else "KEY"  # noqa: PLR2004  a hint is one line
    hint = f"did you mean {close[0]}?" if close else f"write metrics.{shown}, params.{shown} or tags.{shown}"
    msg = f"no attribute {name!r}"
    raise Unfit(msg, hint)


def _item(kind: str, key: str) -> str:
    known = _ITEM_ALIASES.get(key.lower(), key.lower())
    if known in ITEMS[kind]:
        return known
    msg = f"{kind} have no {key!r}"
    raise Unfit(msg, f"they have {', '.join(ITEMS[kind])}")


def type_of(field: Field) -> Type:
    """What kind of values a field has; `loose` for params and tags: text, and a number where it is one."""
    if field.kind == "attributes":
        return ATTRIBUTES[field.key]
    if field.kind == "metrics":
        return "number"
    return "text" if field.kind in ITEMS else "loose"
