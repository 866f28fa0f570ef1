"""The file of the index: opened, filled and brought up to date.

It is replaced as a whole or changed in one transaction; whoever does either holds `index.lock`. SQLite
keeps a rollback journal, not a write-ahead log: the repository may lie on a network file system that
several machines write to, where the latter breaks without a sign.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sqlite3
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed
from gittrack.core.ids import random_text
from gittrack.core.text import load_json
from gittrack.store.index.build import Place, changes, places
from gittrack.store.index.lazy import extend, fill
from gittrack.store.index.schema import INDEXES, TABLES, VERSION
from gittrack.store.index.values import ilike
from gittrack.store.index.worker import batches
from gittrack.store.index.write import insert, name_doubles, next_number, remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.store.index.lazy import Wanted
    from gittrack.store.plumbing.git import Git

_BUSY = 30.0  # seconds to wait for another process's transaction, which takes milliseconds
_MANY = 20_000  # runs that changed, from which on a new index is made faster
_FILLING = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-40000")


class Outdated(Exception):
    """The index cannot be brought up to date."""


def open_file(path: Path) -> sqlite3.Connection:
    """The index in a file.

    Raises:
        Outdated: there is none, or one of another version.
        sqlite3.Error: it is damaged.
    """
    if not path.exists():
        raise Outdated
    db = _connect(f"{path.absolute().as_uri()}?mode=rw")
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        db.close()
        raise
    if version != VERSION:
        db.close()
        raise Outdated
    return db


def tip_of(db: sqlite3.Connection) -> str | None:
    """The commit that the index stands at."""
    row = db.execute("SELECT value FROM meta WHERE name = 'tip'").fetchone()
    return None if row is None else str(row[0])


def make_file(git: Git, path: Path, tip: str) -> None:
    """Make a new index in place of what is there; the caller holds the lock.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
        GitFailed: the branch cannot be read.
    """
    for left in path.parent.glob(".index.*.tmp"):  # of processes that were killed
        left.unlink()
    temporary = path.with_name(f".index.{random_text(8)}.tmp")
    try:
        with contextlib.closing(_connect(temporary.absolute().as_uri())) as db:
            _fill(db, git, tip)
        _sync(temporary)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)  # it belongs to the old file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def make_private(git: Git, tip: str | None) -> sqlite3.Connection:
    """An index of this process alone: in memory, and in a temporary file where it grows.

    Raises:
        sqlite3.Error: there is no place for it.
        GitFailed: the branch cannot be read.
    """
    db = _connect("file:")
    _fill(db, git, tip)
    return db


def update(db: sqlite3.Connection, git: Git, tip: str) -> None:
    """Bring an index to another commit in one transaction.

    Raises:
        Outdated: too much changed, or the commit it stands at is gone.
        sqlite3.Error: it is damaged or cannot be written.
    """
    with _writing(db):
        _apply(db, git, tip)
        db.execute("INSERT OR REPLACE INTO meta VALUES('tip', ?)", (tip,))


def complete(db: sqlite3.Connection, wanted: Wanted) -> None:
    """Make the rows of what is wanted, in one transaction.

    Raises:
        sqlite3.Error: the index is damaged or cannot be written.
    """
    with _writing(db):
        fill(db, wanted)


@contextlib.contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _connect(uri: str) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    db.create_function("ilike", 2, ilike, deterministic=True)
    return db


def _fill(db: sqlite3.Connection, git: Git, tip: str | None) -> None:
    for setting in _FILLING:
        db.execute(f"PRAGMA {setting}")
    db.executescript(f"BEGIN; {TABLES}")
    if tip is not None:
        with _no_gc():
            for batch in batches(git, places(git, tip)):
                insert(db, batch)
        db.execute("INSERT INTO meta VALUES('tip', ?)", (tip,))
    db.executescript(f"{INDEXES} PRAGMA user_version={VERSION};")  # commits first
    name_doubles(db)


@contextlib.contextmanager
def _no_gc() -> Iterator[None]:
    """Rows come by the million and none is in a cycle: looking for those takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _apply(db: sqlite3.Connection, git: Git, tip: str) -> None:
    old = tip_of(db)
    if old is None:
        raise Outdated
    wanted = []
    for directory, gone_or_there in _changed(git, old, tip).items():
        row = db.execute("SELECT id, files FROM place WHERE path = ?", (directory,)).fetchone()
        files: dict[str, str | None] = load_json(row[1]) if row else {}
        if row:
            remove(db, row[0])
        files |= gone_or_there
        left = {within: oid for within, oid in files.items() if oid is not None}
        if left:
            wanted.append(Place(directory, left))
    first = next_number(db)
    for batch in batches(git, wanted, first):
        insert(db, batch)
        name_doubles(db, [row[1] for row in batch.runs])
    extend(db, first)


def _changed(git: Git, old: str, tip: str) -> dict[str, dict[str, str | None]]:
    """Directory of a run to the files of it that changed, None for one that is gone."""
    changed: dict[str, dict[str, str | None]] = {}
    try:
        for directory, within, oid in changes(git, old, tip):
            changed.setdefault(directory, {})[within] = oid
            if len(changed) > _MANY:
                raise Outdated
    except GitFailed as error:  # history was rewritten, and the old commit cleared away
        raise Outdated from error
    return changed
