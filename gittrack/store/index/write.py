"""Putting batches of runs into the tables of the index, and taking runs out, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.text import load_json
from gittrack.store.index.schema import METRIC, PARAM, TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from gittrack.store.index.batch import Batch

_PLACE = "INSERT INTO place VALUES(?, ?, ?)"
_RUN = f"INSERT INTO run VALUES({', '.join('?' * 17)})"
_BODY = "INSERT INTO body VALUES(?, ?, ?, ?, ?, ?, ?)"
_PROBLEM = "INSERT INTO problem VALUES(?, ?)"
_OWNED = (
    ("body", "id"),
    ("run", "id"),
    ("input", "run"),
    ("artifact", "run"),
    ("problem", "place"),
    ("place", "id"),
)
_COUNT = """
INSERT INTO key(kind, name, runs) VALUES(?, ?, ?)
ON CONFLICT(kind, name) DO UPDATE SET runs = runs + excluded.runs
"""
_KEYED = (("params", PARAM, "value"), ("tags", TAG, "value"), ("metrics", METRIC, "metric"))


def next_number(db: sqlite3.Connection) -> int:
    """The number that the next place gets."""
    return int(db.execute("SELECT ifnull(max(id), 0) + 1 FROM place").fetchone()[0])


def insert(db: sqlite3.Connection, batch: Batch) -> None:
    """Insert the runs of a batch, none of which is there."""
    db.executemany(_PLACE, batch.places)
    db.executemany(_RUN, batch.runs)
    db.executemany(_BODY, batch.bodies)
    db.executemany(_PROBLEM, batch.problems)
    db.executemany(_COUNT, [(*key, runs) for key, runs in batch.keys().items()])


def remove(db: sqlite3.Connection, number: int) -> None:
    """Remove a place and its run."""
    for column, kind, table in _KEYED:
        row = db.execute(f"SELECT {column} FROM body WHERE id = ?", (number,)).fetchone()  # noqa: S608  our own names
        if row is not None:
            _forget(db, table, number, [(kind, name) for name in load_json(row[0])])
    for table, column in _OWNED:
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608  our own names


def _forget(db: sqlite3.Connection, table: str, number: int, keys: Sequence[tuple[int, str]]) -> None:
    key = "(SELECT id FROM key WHERE kind = ? AND name = ?)"
    statement = f"DELETE FROM {table} WHERE key = {key} AND run = {number}"  # noqa: S608  our own names
    db.executemany(statement, keys)
    db.executemany("UPDATE key SET runs = runs - 1 WHERE kind = ? AND name = ?", keys)


def name_doubles(db: sqlite3.Connection, run_ids: Sequence[str] | None = None) -> None:
    """Note where two directories hold a run of one id, as problems of all but the first.

    Args:
        db: the index.
        run_ids: which ids to look at, all when None.
    """
    if run_ids is None:
        found = db.execute("SELECT run_id FROM run GROUP BY run_id HAVING count(*) > 1").fetchall()
        run_ids = [row[0] for row in found]
    for run_id in run_ids:
        rows = db.execute(_SAME, (run_id,)).fetchall()
        for number, path in rows[1:]:
            text = f"{path}/run.yaml: {rows[0][1]} has the same id"
            db.execute("DELETE FROM problem WHERE place = ? AND text = ?", (number, text))
            db.execute(_PROBLEM, (number, text))


_SAME = "SELECT id, path FROM place WHERE id IN (SELECT id FROM run WHERE run_id = ?) ORDER BY path"
