"""The index: committed runs in SQLite beside the branch, to list and search them.

It can be deleted at any time. It is missing, damaged or of another version: it is made anew. It
cannot be written: a private one is made, which takes seconds where there are many runs.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked
from gittrack.store.index.document import unpack
from gittrack.store.index.file import Outdated, make_file, make_private, open_file, tip_of, update
from gittrack.store.index.schema import KINDS
from gittrack.store.plumbing.git import RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git

NEWEST = "r.start_time DESC, r.run_id"
"""The order of runs unless asked otherwise."""

Kind = Literal["params", "metrics", "tags"]
_LOCK_TIMEOUT = 120.0  # seconds: as long as another process may take to make an index
_T = TypeVar("_T")


class Candidate(NamedTuple):
    """A run that a text may mean.

    Attributes:
        run_id: its id.
        name: its name, empty without one.
        deleted: whether it is hidden.
    """

    run_id: str
    name: str
    deleted: bool


class Index:
    """The committed runs of one repository. Safe to use from several threads and after a fork.

    Args:
        git: the repository.

    Every method but :meth:`refresh` answers from the commit that the last refresh found.
    """

    def __init__(self, git: Git) -> None:
        self.path = git.directory / "index.sqlite"
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
            tip = self._git.resolve(RUNS)
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

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a `SELECT` over the tables of `index_schema`."""
        return self._ask(lambda db: db.execute(sql, args).fetchall())

    def select(
        self,
        where: str = "1",
        args: Sequence[Any] = (),
        *,
        joins: str = "",
        order: str = NEWEST,
        limit: int | None = None,
    ) -> list[Run]:
        """Runs by a condition in SQL.

        Args:
            where: over `run AS r` and what is joined, with `?` for values.
            args: the values.
            joins: further tables.
            order: what to sort by.
            limit: at most so many, all when None.
        """
        sql = f"SELECT r.id FROM run AS r {joins} WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608  see Args
        return self._ask(lambda db: _runs(db, sql, [*args, -1 if limit is None else limit]))

    def get(self, run_id: str) -> Run | None:
        """The run of an id."""
        found = self.select("r.id = (SELECT id FROM place WHERE path = ?)", [self.path_of(run_id)], limit=1)
        return found[0] if found else None

    def path_of(self, run_id: str) -> str | None:
        """The directory of a run on the branch."""
        sql = "SELECT min(path) FROM place WHERE id IN (SELECT id FROM run WHERE run_id = ?)"
        path = self.query(sql, (run_id,))[0][0]
        return None if path is None else str(path)

    def candidates(self, text: str) -> list[Candidate]:
        """The runs that have a text in their id, in either case, or as their name."""
        sql = "SELECT run_id, coalesce(name, ''), deleted FROM run WHERE instr(lower(run_id), ?) OR name = ?"
        return [Candidate(*row) for row in self.query(sql, (text.lower(), text))]

    def keys(self, kind: Kind) -> dict[str, int]:
        """The names of params, metrics or tags, and how many runs have each; the most used first."""
        sql = "SELECT name, runs FROM key WHERE kind = ? AND runs > 0 ORDER BY runs DESC, name"
        return dict(self.query(sql, (KINDS[kind],)))

    def key_id(self, kind: int, name: str) -> int:
        """The number of a key in `value` and `metric`, -1 where no run has it."""
        rows = self.query("SELECT id FROM key WHERE kind = ? AND name = ?", (kind, name))
        return int(rows[0][0]) if rows else -1

    def experiments(self) -> dict[str, int]:
        """The experiments, and how many runs each has; hidden runs are not counted."""
        sql = "SELECT experiment, count(*) FROM run WHERE NOT deleted GROUP BY experiment ORDER BY experiment"
        return dict(self.query(sql))

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = self._file = None

    def __del__(self) -> None:
        # Python 3.13 warns of connections that are left to the garbage collector.
        if self._db is not None and self._pid == os.getpid():
            self._db.close()

    def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Ask the open index; make a new one, once, where it turns out damaged."""
        with self._lock:
            self._leave_parent()
            if self._db is None:
                self.refresh()
            try:
                return question(self._opened())
            except sqlite3.DatabaseError:
                self.close()
                self._bring_to(self._git.resolve(RUNS), anew=True)
                return question(self._opened())

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
            self._git.directory.mkdir(parents=True, exist_ok=True)
            with locked(self.path.with_name("index.lock"), timeout=_LOCK_TIMEOUT):
                self._write(tip, anew=anew)
        except (OSError, sqlite3.Error):
            self._make_private(tip)

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


def _runs(db: sqlite3.Connection, sql: str, args: Sequence[Any]) -> list[Run]:
    """Ids first, then bodies: so that sorting moves no bodies. Both see the same commit."""
    db.execute("BEGIN")
    try:
        numbers = db.execute(sql, args).fetchall()
        read = "SELECT json FROM body WHERE id = ?"
        return [unpack(db.execute(read, number).fetchone()[0]) for number in numbers]
    finally:
        db.execute("COMMIT")
