"""Environments and points of many runs, read from Git in a few processes instead of some for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.series import decode
from gittrack.core.text import load
from gittrack.store.commit import branch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.store.runs import RunStore

_PLAIN = "100644"
_BATCH = 200  # folders of one `git ls-tree`


def environments(store: RunStore, runs: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    """Id of a run to the document of its `environment.yaml`; empty where there is none or it cannot be read.

    Runs of one environment share one file in Git, which is read once.
    """
    found: dict[str, Mapping[str, Any]] = {}
    oids = _files(store, runs, "environment.yaml")
    parsed = {oid: _document(data) for oid, data in _contents(store, oids.values()).items()}
    for run in runs:
        if run.id in oids:
            found[run.id] = parsed.get(oids[run.id], {})
        else:
            found[run.id] = _one_environment(store, run)
    return found


def points(store: RunStore, runs: Sequence[Run]) -> dict[str, list[Series]]:
    """Id of a run to all its points; empty where they cannot be read."""
    found: dict[str, list[Series]] = {}
    oids = _files(store, runs, "metrics.jsonl")
    contents = _contents(store, oids.values())
    for run in runs:
        if run.id in oids:
            found[run.id] = _series(contents.get(oids[run.id], b""))
        else:
            found[run.id] = _one_series(store, run)
    return found


def _files(store: RunStore, runs: Sequence[Run], name: str) -> dict[str, str]:
    """Id of a run to the object of a file of it; runs that are live or were resumed are left out."""
    tip = branch.tip(store.git)
    plain = [run for run in runs if run.attempt == 1 and not store.is_live(run.id)]
    folders = {path: run.id for run in plain if (path := store.index.path_of(run.id)) is not None}
    found: dict[str, str] = {}
    wanted = sorted(folders)
    for start in range(0, len(wanted) if tip else 0, _BATCH):
        for entry in store.git.tree(str(tip), *(f"{one}/{name}" for one in wanted[start : start + _BATCH])):
            run_id = folders.get(entry.path.rpartition("/")[0])
            if run_id is not None and entry.mode == _PLAIN:
                found[run_id] = entry.oid
    return found


def _contents(store: RunStore, oids: Iterable[str]) -> dict[str, bytes]:
    return {oid: data for oid, data in store.git.read_many(dict.fromkeys(oids)) if data is not None}


def _document(data: bytes) -> Mapping[str, Any]:
    try:
        return load(data, where="environment.yaml")
    except GitTrackError:
        return {}


def _series(data: bytes) -> list[Series]:
    try:
        return list(decode(data))
    except ValueError:
        return []


def _one_environment(store: RunStore, run: Run) -> Mapping[str, Any]:
    try:
        return store.environment(run.id)
    except GitTrackError:
        return {}


def _one_series(store: RunStore, run: Run) -> list[Series]:
    try:
        return store.series(run.id)
    except GitTrackError:
        return []
