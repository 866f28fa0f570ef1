"""Rows of the index that are made when somebody first asks for them, in the caller's transaction.

A key (a param, tag or metric) gets its rows in `value` or `metric` from the bodies of all runs, which
takes about a second for 100,000 runs; from then on every run that comes brings its own. So do all inputs
and all artifacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.text import dump_json, load_json, number_in
from gittrack.store.index.schema import ITEMS, METRIC, PARAM, TAG
from gittrack.store.index.values import clean, fitting, number_of, text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    Row = tuple[Any, ...]

_COLUMNS = {PARAM: "params", TAG: "tags", METRIC: "metrics"}
_TABLES = {PARAM: "value", TAG: "value", METRIC: "metric"}
_MARKS = {"value": "?, ?, ?", "metric": "?, ?, ?, ?, ?, ?", "input": "?, ?, ?, ?", "artifact": "?, ?, ?"}
_LEAST, _MOST = -(2**63), 2**63 - 1  # what SQLite takes as a whole number


class Wanted(NamedTuple):
    """What a query is about to read.

    Attributes:
        keys: kind and name of params, tags and metrics.
        items: of `input` and `artifact`.
    """

    keys: frozenset[tuple[int, str]]
    items: frozenset[str] = frozenset()


NOTHING = Wanted(frozenset())


def key_id(db: sqlite3.Connection, kind: int, name: str) -> int:
    """The number of a key in `value` and `metric`, -1 where no run has it."""
    row = db.execute("SELECT id FROM key WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    return -1 if row is None else int(row[0])


def missing(db: sqlite3.Connection, wanted: Wanted) -> Wanted:
    """What of it has no rows yet; keys that no run has need none."""
    if wanted == NOTHING:
        return wanted
    sql = "SELECT 1 FROM key WHERE kind = ? AND name = ? AND runs > 0 AND NOT ready"
    ready = {row[0] for row in db.execute("SELECT name FROM ready")}
    keys = frozenset(key for key in wanted.keys if db.execute(sql, key).fetchone())
    return Wanted(keys, wanted.items - ready)


def fill(db: sqlite3.Connection, wanted: Wanted) -> None:
    """Make the rows of what has none."""
    lacking = missing(db, wanted)
    for kind, name in sorted(lacking.keys):
        _fill_key(db, kind, name, 0)
        db.execute("UPDATE key SET ready = 1 WHERE kind = ? AND name = ?", (kind, name))
    for table in sorted(lacking.items):
        _fill_items(db, table, 0)
        for statement in ITEMS[table]:
            db.execute(statement)  # `executescript` would end the transaction
        db.execute("INSERT INTO ready VALUES(?)", (table,))


def extend(db: sqlite3.Connection, first: int) -> None:
    """Make the rows of the runs from a number on, for what has rows already."""
    for kind, name in db.execute("SELECT kind, name FROM key WHERE ready ORDER BY id").fetchall():
        _fill_key(db, kind, name, first)
    for (table,) in db.execute("SELECT name FROM ready").fetchall():
        _fill_items(db, table, first)


def _fill_key(db: sqlite3.Connection, kind: int, name: str, first: int) -> None:
    (key,) = db.execute("SELECT id FROM key WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    column, table = _COLUMNS[kind], _TABLES[kind]
    bodies = db.execute(f"SELECT id, {column} FROM body WHERE id >= ? ORDER BY id", (first,))  # noqa: S608  ours
    rows = (_metric_rows if kind == METRIC else _value_rows)(bodies, name)
    db.executemany(f"INSERT INTO {table} VALUES({key}, {_MARKS[table]})", rows)


def _value_rows(bodies: Iterable[Row], name: str) -> Iterator[Row]:
    sign = dump_json(name) + b":"
    for number, text in bodies:
        if sign in text:
            named = load_json(text)
            if name in named:  # else it is a key further in
                value = named[name]
                yield number, number_of(value), text_of(value)


def _metric_rows(bodies: Iterable[Row], name: str) -> Iterator[Row]:
    """Only the list of the metric is read: in JSON its name and a colon are nowhere else."""
    sign = dump_json(name) + b":"
    skip = len(sign)
    for number, text in bodies:
        at = text.find(sign)
        if at >= 0:
            at += skip
            yield _metric(number, load_json(text[at : text.index(b"]", at) + 1]))


def _metric(number: int, numbers: list[Any]) -> Row:
    last, step, _, low, high, count = numbers
    if type(last) is type(low) is type(high) is float and step < _MOST > count and step > _LEAST:
        return (number, last, low, high, count, step)
    return (number, _known(last), _known(low), _known(high), fitting(count), fitting(step))


def _known(value: float | str) -> float | None:
    known = number_in(value)
    return known if known == known else None  # noqa: PLR0124  NaN test


def _fill_items(db: sqlite3.Connection, table: str, first: int) -> None:
    column, row_of = _ITEMS[table]
    bodies = db.execute(f"SELECT id, {column} FROM body WHERE id >= ? ORDER BY id", (first,))  # noqa: S608  ours
    rows = (row_of(number, one) for number, text in bodies if text != b"[]" for one in load_json(text))
    db.executemany(f"INSERT INTO {table} VALUES({_MARKS[table]})", rows)


def _input(number: int, one: list[Any]) -> Row:
    return number, clean(one[0]), clean(one[1]), clean(one[2])


def _artifact(number: int, one: list[Any]) -> Row:
    return number, clean(one[0]), clean(one[1])


_ITEMS: dict[str, tuple[str, Callable[[int, list[Any]], Row]]] = {
    "input": ("inputs", _input),
    "artifact": ("artifacts", _artifact),
}
