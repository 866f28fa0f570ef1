"""The index: committed runs in SQLite beside the branch, listed and searched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.store.index.document import Body, unpack
from gittrack.store.index.kept_file import KeptFile
from gittrack.store.index.lazy import NOTHING, key_id
from gittrack.store.index.schema import KINDS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.store.index.kept_file import Row
    from gittrack.store.index.lazy import Wanted

    KeyId = Callable[[int, str], int]

NEWEST = "r.start_time DESC, r.run_id"
"""The order of runs unless asked otherwise."""

Kind = Literal["params", "metrics", "tags"]


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


class Index(KeptFile):
    """The committed runs of one repository. Safe to use from several threads and after a fork.

    Every method but `refresh` answers from the commit that the last refresh found.
    """

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

        return self.ask_of(wanted, question)

    def rows(self, wanted: Wanted, compile_to: Callable[[KeyId], tuple[str, Sequence[Any]]]) -> list[Row]:
        """The rows of a `SELECT` over tables that are filled on demand; see :meth:`search`."""

        def question(db: sqlite3.Connection) -> list[Row]:
            return db.execute(*compile_to(partial(key_id, db))).fetchall()

        return self.ask_of(wanted, question)

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


def _runs(db: sqlite3.Connection, sql: str, args: Sequence[Any]) -> list[Run]:
    """Ids first, then bodies: so that sorting moves no bodies. Both see the same commit."""
    db.execute("BEGIN")
    try:
        numbers = db.execute(sql, args).fetchall()
        read = f"SELECT {', '.join(Body._fields)} FROM body WHERE id = ?"  # noqa: S608  our own names
        return [unpack(Body(*db.execute(read, number).fetchone())) for number in numbers]
    finally:
        db.execute("COMMIT")
