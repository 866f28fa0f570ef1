"""Reads one run, live or committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import MalformedFile, RunNotFound
from gittrack.core.ids import is_run_id
from gittrack.mlflow.failures import no_run
from gittrack.mlflow.view import Latest, Seen, latest_of, latest_of_committed, rank
from gittrack.store.format.assemble import resume
from gittrack.store.journal.live import read_live

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def look(store: RunStore, run_id: str) -> Seen | None:
    """The run of an id, None without one."""
    if not is_run_id(run_id):
        return None
    for _ in range(3):  # a live one may be committed between two looks
        if store.is_live(run_id):
            try:
                return _live(store, run_id)
            except (MalformedFile, FileNotFoundError, NotADirectoryError):
                continue
        store.index.refresh()
        if (run := store.index.get(run_id)) is not None:
            return Seen(run, latest_of_committed(run), live=False)
    return None


def need(store: RunStore, run_id: str) -> Seen:
    """The same.

    Raises:
        MlflowException: there is none.
    """
    seen = look(store, run_id)
    if seen is None:
        raise no_run(run_id)
    return seen


def _live(store: RunStore, run_id: str) -> Seen:
    live = read_live(store.live_directory(run_id))
    latest = latest_of(live.series)
    if live.run.attempt <= 1:
        return Seen(live.run, latest, live=True)
    try:
        known = store.committed(run_id).run
    except RunNotFound:
        return Seen(live.run, latest, live=True)
    return Seen(resume(known, live.run), _newer(latest_of_committed(known), latest), live=True)


def _newer(one: dict[str, Latest], other: dict[str, Latest]) -> dict[str, Latest]:
    joined = dict(one)
    for key, point in other.items():
        was = joined.get(key)
        if was is None or rank(point.step, point.time, point.value) > rank(was.step, was.time, was.value):
            joined[key] = point
    return joined
