"""Putting batches of runs into the tables of the index, and taking runs out, in the caller's transaction."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gittrack.store.index.document import unpack
from gittrack.store.index.schema import METRIC, PARAM, TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.store.index.batch import Batch, Row

_PLACE = "INSERT INTO place VALUES(?, ?, ?)"
_RUN = f"INSERT INTO run VALUES({', '.join('?' * 17)})"
_BODY = "INSERT INTO body VALUES(?, ?)"
# Key and first number are numbers of ours. As literals they need not be in each of a million rows.
_VALUE = "INSERT INTO value VALUES({key}, {first} + ?, ?, ?)"
_METRIC = "INSERT INTO metric VALUES({key}, {first} + ?, ?, ?, ?, ?, ?)"
_INPUT = "INSERT INTO input VALUES(?, ?, ?, ?)"
_ARTIFACT = "INSERT INTO artifact VALUES(?, ?, ?)"
_PROBLEM = "INSERT INTO problem VALUES(?, ?)"
_OWNED = (
    *(("body", "id"), ("run", "id"), ("input", "run"), ("artifact", "run")),
    *(("problem", "place"), ("place", "id")),
)


def insert(db: sqlite3.Connection, batch: Batch) -> None:
    """Insert the runs of a batch, none of which is there."""
    first = int(db.execute("SELECT ifnull(max(id), 0) + 1 FROM place").fetchone()[0])
    db.executemany(_PLACE, _numbered(batch.places, first))
    db.executemany(_RUN, _numbered(batch.runs, first))
    db.executemany(_BODY, _numbered(batch.bodies, first))
    db.executemany(_INPUT, _numbered(batch.inputs, first))
    db.executemany(_ARTIFACT, _numbered(batch.artifacts, first))
    db.executemany(_PROBLEM, _numbered(batch.problems, first))
    named = [(_key(db, kind, name), _VALUE, rows) for (kind, name), rows in batch.values.items()]
    named += [(_key(db, METRIC, name), _METRIC, rows) for name, rows in batch.metrics.items()]
    for key, statement, rows in sorted(named, key=itemgetter(0)):
        db.executemany(statement.format(key=key, first=first), rows)
    _count(db, {key: len(rows) for key, _, rows in named})


def remove(db: sqlite3.Connection, number: int) -> None:
    """Remove a place and its run."""
    row = db.execute("SELECT json FROM body WHERE id = ?", (number,)).fetchone()
    if row is not None:
        run = unpack(row[0])
        _forget(db, "value", number, PARAM, run.params)
        _forget(db, "value", number, TAG, run.tags)
        _forget(db, "metric", number, METRIC, run.metrics)
    for table, column in _OWNED:
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608  our own names


def _numbered(rows: Iterable[Row], first: int) -> Iterable[Row]:
    return ((first + number, *rest) for number, *rest in rows)


def _key(db: sqlite3.Connection, kind: int, name: str) -> int:
    row = db.execute("SELECT id FROM key WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    if row is not None:
        return int(row[0])
    return int(db.execute("INSERT INTO key(kind, name) VALUES(?, ?)", (kind, name)).lastrowid or 0)


def _forget(db: sqlite3.Connection, table: str, number: int, kind: int, names: Mapping[str, Any]) -> None:
    keys = [_key(db, kind, name) for name in names]
    statement = f"DELETE FROM {table} WHERE key = ? AND run = ?"  # noqa: S608  our own names
    db.executemany(statement, [(key, number) for key in keys])
    _count(db, dict.fromkeys(keys, -1))


def _count(db: sqlite3.Connection, counts: Mapping[int, int]) -> None:
    db.executemany(
        "UPDATE key SET runs = runs + ? WHERE id = ?", [(more, key) for key, more in counts.items()]
    )


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
