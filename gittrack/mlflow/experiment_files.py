"""What is known of experiments beyond their runs: files in `.mlflow/experiments/` of the runs branch; pure.

::

    .mlflow/experiments/<id>/<clock>-<random>.json    one thing that happened to the experiment

No file is rewritten, so branches merge by the union of their files; the order of the names decides. The id
follows from the experiment of the runs (its *key*), so that clones that create it apart mean the same.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gittrack.core.text import dump_json, load_json
from gittrack.core.value import dataclass, field
from gittrack.store.registry.document import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = ".mlflow/experiments"
SCHEMA = "gittrack.mlflow.experiment/1"
DEFAULT_ID = "0"
LARGEST_FILE = 1 << 20
"""Bytes; a larger file is none of ours."""
_SPAN, _FIRST = 9 * 10**17, 10**17  # ids of 18 digits, as those of MLflow's file store


@dataclass(frozen=True, slots=True)
class Known:
    """An experiment.

    Attributes:
        id: as MLflow has it: digits.
        key: the `experiment` of its runs; stays when the experiment is renamed.
        name: what it is called.
        deleted: whether it is.
        created, updated: milliseconds since the epoch.
        location: where its artifacts go, None for the artifact store of the repository.
        tags: name to value.
        events: names of its files, without the suffix.
    """

    id: str
    key: str
    name: str
    deleted: bool = False
    created: int = 0
    updated: int = 0
    location: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()


def id_of(key: str) -> str:
    """The id of the experiment of that key: 18 digits from its SHA-256."""
    number = int.from_bytes(hashlib.sha256(key.encode(errors="surrogatepass")).digest()[:8], "big")
    return str(_FIRST + number % _SPAN)


def fold(experiment_id: str, files: Mapping[str, bytes]) -> Known | None:
    """The experiment of a folder, None where nothing says how it began.

    Args:
        experiment_id: name of the folder.
        files: name of each file, without the suffix, to its content; what cannot be read is passed over.
    """
    bodies = [(name, body) for name, data in sorted(files.items()) if (body := _body(data)) is not None]
    begun = next((body for _, body in bodies if body.get("event") == "create"), None)
    if begun is None or not isinstance(begun.get("key"), str):
        return None
    state: dict[str, Any] = {"name": begun["key"], "deleted": False, "updated": 0, "tags": {}}
    for _, body in bodies:
        _apply(state, body)
    created = min(_time(body) for _, body in bodies if body.get("event") == "create")
    location = begun.get("location")
    return Known(
        experiment_id,
        begun["key"],
        created=created,
        location=location if isinstance(location, str) else None,
        events=tuple(files),
        **state,
    )


def _apply(state: dict[str, Any], body: Mapping[str, Any]) -> None:
    event = body.get("event")
    if isinstance(name := body.get("name"), str):
        state["name"] = name
    if isinstance(tags := body.get("tags"), dict):
        merged = {**state["tags"], **tags}
        state["tags"] = {key: value for key, value in merged.items() if isinstance(value, str)}
    if event in {"delete", "restore"}:
        state["deleted"] = event == "delete"
    if event != "tag":
        state["updated"] = max(state["updated"], _time(body))


def _time(body: Mapping[str, Any]) -> int:
    time = body.get("time")
    return time if isinstance(time, int) else 0


def _body(data: bytes) -> dict[str, Any] | None:
    try:
        body = load_json(data)
    except ValueError:
        return None
    return body if isinstance(body, dict) and body.get("schema") == SCHEMA else None


def event_file(experiment_id: str, known: Iterable[str], body: Mapping[str, Any]) -> tuple[str, bytes]:
    """Path and content of what happens now.

    Args:
        experiment_id: to which experiment.
        known: names of its files, without the suffix.
        body: `event`, `time`, and what belongs to it.
    """
    name = new_id(known, int(body["time"]))
    return f"{ROOT}/{experiment_id}/{name}.json", dump_json({"schema": SCHEMA, **body}) + b"\n"
