"""The index of a repository, kept open and at the tip of the runs branch; asked by `reader`.

It can be deleted at any time. It is missing, damaged or of another version: it is made anew. It
cannot be written: a private one is made, which takes seconds where there are many runs.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked, write_atomic
from gittrack.store.commit import branch, topic
from gittrack.store.index.file import (
    Outdated,
    complete,
    make_file,
    make_private,
    open_file,
    tip_of,
    update,
)
from gittrack.store.index.lazy import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gittrack.store.index.lazy import Wanted
    from gittrack.store.plumbing.git import Git

    Row = tuple[Any, ...]

_LOCK_TIMEOUT = 120.0  # seconds: as long as another process may take to make an index
_T = TypeVar("_T")


class KeptFile:
    """The file of the index. Safe to use from several threads and after a fork.

    Args:
        git: the repository.

    Every method but :meth:`refresh` answers from the commit that the last refresh found.
    """

    def __init__(self, git: Git) -> None:
        self.path = topic.folder(git) / "index.sqlite"
        self._git = git
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of the open file, None for a private one
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._parents: list[sqlite3.Connection | None] = []

    def refresh(self) -> list[str]:
        """Bring the index to the tip of the runs branch.

        Returns:
            What could not be read, as `path: reason`; those runs and changes are left out.

        Raises:
            GitFailed: the branch cannot be read.
            GitTrackError: there is no place for an index, not even a temporary one.
        """
        with self._lock:
            self._leave_parent()
            tip = branch.tip(self._git)
            try:
                self._bring_to(tip)
            except sqlite3.Error as error:
                msg = f"no place for an index: {error}"
                raise GitTrackError(
                    msg, hint="free some space on the disk, or set TMPDIR to where there is some"
                ) from error
            return self.problems

    @property
    def problems(self) -> list[str]:
        """What could not be read, as `path: reason`."""
        return [row[0] for row in self.query("SELECT text FROM problem ORDER BY text")]

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[Row]:
        """The rows of a `SELECT` over the tables of `index_schema`."""
        return self.ask(lambda db: db.execute(sql, args).fetchall())

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = self._file = None

    def __del__(self, _getpid: Callable[[], int] = os.getpid) -> None:  # modules may be gone at the exit
        # Python 3.13 warns of connections that are left to the garbage collector.
        if self._db is not None and self._pid == _getpid():
            self._db.close()

    def ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Ask the open index; make a new one, once, where it turns out damaged."""
        with self._lock:
            self._leave_parent()
            if self._db is None:
                self.refresh()
            try:
                return question(self._opened())
            except sqlite3.DatabaseError:
                self.close()
                self._bring_to(branch.tip(self._git), anew=True)
                return question(self._opened())

    def ask_of(self, wanted: Wanted, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Ask the open index once the tables have what is wanted."""

        def completed(db: sqlite3.Connection) -> _T:
            if any(missing(db, wanted)):
                self._complete(wanted)
                db = self._opened()
            return question(db)

        return self.ask(completed)

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            msg = "the index is not open"
            raise sqlite3.DatabaseError(msg)
        return self._db

    def _bring_to(self, tip: str | None, *, anew: bool = False) -> None:
        if not anew and self._stands_at(tip):
            return
        if tip is None:  # nothing to keep
            self._make_private(None)
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.path.with_name("index.lock"), timeout=_LOCK_TIMEOUT):
                self._begin_with(self._git.directory / "index.sqlite")
                self._write(tip, anew=anew)
        except (OSError, sqlite3.Error):
            self._make_private(tip)

    def _begin_with(self, other: Path) -> None:
        """The first index of a topic is that of the runs branch, from which it differs in few runs."""
        if not self.path.exists() and other.exists():
            with locked(other.with_name("index.lock"), timeout=_LOCK_TIMEOUT):
                write_atomic(self.path, other.read_bytes())

    def _stands_at(self, tip: str | None) -> bool:
        try:
            self._open()
            return self._db is not None and tip_of(self._db) == tip
        except (Outdated, sqlite3.Error, OSError):
            self.close()
            return False

    def _open(self) -> None:
        """Open the file, or open it again where another process has replaced it."""
        if self._db is not None and (self._file is None or self._file == _identity(self.path)):
            return
        self.close()
        identity = _identity(self.path)
        self._db = open_file(self.path)
        self._file = identity

    def _write(self, tip: str, *, anew: bool) -> None:
        """Update or make the file; the lock is held, and another process may have done it meanwhile."""
        if self._file is None:
            self.close()  # a private one: the file may be writable again
        if not anew and self._stands_at(tip):
            return
        try:
            if not anew and self._db is not None:
                update(self._db, self._git, tip)
                return
        except (Outdated, sqlite3.DatabaseError):
            pass
        self.close()
        make_file(self._git, self.path, tip)
        self._open()

    def _complete(self, wanted: Wanted) -> None:
        """Fill tables; in a private index where the file cannot be written."""
        try:
            with locked(self.path.with_name("index.lock"), timeout=_LOCK_TIMEOUT):
                complete(self._opened(), wanted)
        except (OSError, sqlite3.OperationalError):
            self._make_private(tip_of(self._opened()))
            complete(self._opened(), wanted)

    def _make_private(self, tip: str | None) -> None:
        self.close()
        self._db = make_private(self._git, tip)

    def _leave_parent(self) -> None:
        """A connection must not be used after a fork, nor closed by the child."""
        if self._pid != os.getpid():
            self._parents.append(self._db)
            self._db = self._file = None
            self._pid = os.getpid()


def _identity(path: os.PathLike[str]) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116  a PathLike has no stat
    except OSError:
        return None
    return status.st_dev, status.st_ino
