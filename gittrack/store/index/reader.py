"""The index: committed runs in SQLite beside the branch, to list and search them.

It can be deleted at any time. It is missing, damaged or of another version: it is made anew. It
cannot be written: a private one is made, which takes seconds where there are many runs.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked, write_atomic
from gittrack.store.commit import branch, topic
from gittrack.store.index.document import Body, unpack
from gittrack.store.index.file import (
    Outdated,
    complete,
    make_file,
    make_private,
    open_file,
    tip_of,
    update,
)
from gittrack.store.index.lazy import NOTHING, key_id, missing
from gittrack.store.index.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.index.lazy import Wanted
    from gittrack.store.plumbing.git import Git

    KeyId = Callable[[int, str], int]
    Row = tuple[Any, ...]

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


class Search(NamedTuple):
    """A query for runs, in SQL.

    Attributes:
        where: a condition over `run AS r` and what is joined, with `?` for values.
        args: the values.
        joins: further tables.
        order: what to sort by.
        limit: at most so many, all when None.
    """

    where: str
    args: Sequence[Any]
    joins: str
    order: str
    limit: int | None


class Index:
    """The committed runs of one repository. Safe to use from several threads and after a fork.

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
        return self._ask(lambda db: db.execute(sql, args).fetchall())

    def select(
        self,
        where: str = "1",
        args: Sequence[Any] = (),
        *,
        order: str = NEWEST,
        limit: int | None = None,
    ) -> list[Run]:
        """Runs by a condition over `run AS r`, see :class:`Search`."""
        return self.search(NOTHING, lambda _: Search(where, args, "", order, limit))

    def search(self, wanted: Wanted, compile_to: Callable[[KeyId], Search]) -> list[Run]:
        """Runs by what is in tables that are filled on demand.

        Args:
            wanted: what the search reads of them.
            compile_to: makes the search; is given what tells the number of a key in `value` and `metric`,
                -1 where no run has it.
        """

        def question(db: sqlite3.Connection) -> list[Run]:
            search = compile_to(partial(key_id, db))
            sql = (
                f"SELECT r.id FROM run AS r {search.joins}"  # noqa: S608  our own words
                f" WHERE {search.where} ORDER BY {search.order} LIMIT ?"
            )
            return _runs(db, sql, [*search.args, -1 if search.limit is None else search.limit])

        return self._ask_of(wanted, question)

    def rows(self, wanted: Wanted, compile_to: Callable[[KeyId], tuple[str, Sequence[Any]]]) -> list[Row]:
        """The rows of a `SELECT` over tables that are filled on demand; see :meth:`search`."""

        def question(db: sqlite3.Connection) -> list[Row]:
            return db.execute(*compile_to(partial(key_id, db))).fetchall()

        return self._ask_of(wanted, question)

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

    def __del__(self, _getpid: Callable[[], int] = os.getpid) -> None:  # modules may be gone at the exit
        # Python 3.13 warns of connections that are left to the garbage collector.
        if self._db is not None and self._pid == _getpid():
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
                self._bring_to(branch.tip(self._git), anew=True)
                return question(self._opened())

    def _ask_of(self, wanted: Wanted, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Ask the open index once the tables have what is wanted."""

        def completed(db: sqlite3.Connection) -> _T:
            if any(missing(db, wanted)):
                self._complete(wanted)
                db = self._opened()
            return question(db)

        return self._ask(completed)

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


def _runs(db: sqlite3.Connection, sql: str, args: Sequence[Any]) -> list[Run]:
    """Ids first, then bodies: so that sorting moves no bodies. Both see the same commit."""
    db.execute("BEGIN")
    try:
        numbers = db.execute(sql, args).fetchall()
        read = f"SELECT {', '.join(Body._fields)} FROM body WHERE id = ?"  # noqa: S608  our own names
        return [unpack(Body(*db.execute(read, number).fetchone())) for number in numbers]
    finally:
        db.execute("COMMIT")
