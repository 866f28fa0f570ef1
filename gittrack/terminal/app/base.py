"""How `gittrack ui` reads runs and stays up to date: in threads, never while a key waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.times import now_ms
from gittrack.query.elsewhere import fetched_runs
from gittrack.query.paged import Listing, Question, listing, load
from gittrack.query.watching import Watcher, tips
from gittrack.terminal.app import columns
from gittrack.terminal.app.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.query.watching import Watched
    from gittrack.store.index.reader import Index, Kind
    from gittrack.store.runs import RunStore
    from gittrack.terminal.app.grid import Grid
    from gittrack.terminal.app.state import Memory

_FIRST = 300  # runs that are listed before all are
_SEEN = 50  # rows that may be on the screen at first
_TELLING = 24  # runs that decide which columns there are at first
_INTERVAL = 1.0  # seconds between two looks at refs and journals
_FETCHED = 10  # looks between two at what was fetched of runs elsewhere


class Base(Frame):
    """The list, and how it is brought up to date. The arguments are those of the frame.

    Attributes:
        known_columns: all columns that there are, as of the last refresh.
    """

    known_columns: list[str]

    def __init__(
        self,
        store: RunStore,
        memory: Memory,
        *,
        unicode: bool = True,
        colours: bool = True,
        filter_text: str = "",
    ) -> None:
        super().__init__(store, memory, unicode=unicode, colours=colours, filter_text=filter_text)
        self.known_columns = columns.known({})
        self._lister: Index = store.index
        self._watcher = Watcher(store)
        self._tips: object = None
        self._looking = False
        self._looks = 0
        self._in_flight: set[str] = set()
        self._stale = False  # whether what was read of runs may be of an older commit

    def on_mount(self) -> None:
        """Read the first page, then everything."""
        self.set_class(not self.colours, "plain")
        self.query_one("#filter").set_class(bool(self.filter_text), "shown")
        self.table.focus()
        self.say("reading runs")
        self.in_thread("list", self._begin)

    def _begin(self) -> None:
        self._tips = tips(self.store.git)
        found = self._watcher.look()
        self.store.index.refresh()
        self.material.elsewhere = {one.run.id: one for one in fetched_runs(self.store)}
        running = self._going_on(found)
        first = listing(self.store.index, self.question, list(running.values()), limit=_FIRST)
        runs = load(self.store.index, [one for one in first.ids[:_SEEN] if one not in running])
        self.known_columns = self._known_columns()
        self.call_from_thread(self._begun, running, first, runs)

    def _going_on(self, here: Sequence[Watched]) -> dict[str, Run]:
        """The runs that run here, and those that run elsewhere as far as they were fetched."""
        return {one.run.id: one.run for one in (*self.material.elsewhere.values(), *here)}

    def _begun(self, running: dict[str, Run], first: Listing, runs: dict[str, Run]) -> None:
        rows = self.table.rows
        rows.follow(running)
        rows.add(runs)
        known = [run for run_id in first.ids[:_SEEN] if (run := rows.run(run_id)) is not None]
        self.table.choose(self._columns(known))
        self._show(first, total=None)
        self._fill(known)
        self._lister = self._own_index()
        self.ask()
        self.set_interval(_INTERVAL, self._tick)

    def _columns(self, runs: Sequence[Run]) -> list[str]:
        names = [name for name in self.memory.columns() or () if columns.is_column(name)]
        return names or columns.first_choice(runs[:_TELLING], self.rules)

    def _known_columns(self) -> list[str]:
        kinds: tuple[Kind, ...] = ("metrics", "params", "tags")
        return columns.known({kind: list(self.store.index.keys(kind)) for kind in kinds})

    def _own_index(self) -> Index:
        """An index to list by, so that runs can be read from the other one meanwhile."""
        from gittrack.store.index.reader import Index

        return Index(self.store.git) if self.store.index.path.exists() else self.store.index

    # ---- listing

    def ask(self, *, refresh: bool = False, top: bool = False) -> None:
        """List the runs again, in a thread.

        Args:
            refresh: bring the index up to date first.
            top: go to the first row; else the cursor stays at its run.
        """
        question, running = self.question, list(self.table.rows.running.values())
        means = tuple(columns.metrics_of(self.table.names)) if question.group is not None else ()
        self._stale |= refresh

        def work() -> None:
            if refresh:
                self.store.index.refresh()
                self._lister.refresh()
                self.known_columns = self._known_columns()
            found = listing(self._lister, replace(question, means=means), running)
            self.call_from_thread(self._answer, question, found, top)

        self.in_thread("list", work)

    def _answer(self, question: Question, found: Listing, top: bool) -> None:  # noqa: FBT001  from the thread
        if question != self.question:
            return  # another one was asked meanwhile
        if self._stale:
            self.table.rows.forget()
            self._stale = False
        at = self.table.at_cursor
        self._show(found, total=len(found.ids))
        if top:
            self.table.cursor = 0
        elif isinstance(at, str) and (row := self.table.rows.row_of(at)) is not None:
            self.table.cursor = row
        self.listed()

    def _show(self, found: Listing, total: int | None) -> None:
        self.table.rows.show(found)
        self.table.show()
        self.say(None if total is None else "", total)

    def listed(self) -> None:
        """Another list is shown."""

    def on_grid_wanted(self, message: Grid.Wanted) -> None:
        """Read runs that come into sight."""
        wanted = [run_id for run_id in message.run_ids if run_id not in self._in_flight]
        if not wanted:
            return
        self._in_flight.update(wanted)

        def work() -> None:
            try:
                runs = load(self.store.index, wanted)
            finally:
                self._in_flight.difference_update(wanted)
            self.call_from_thread(self._read, runs)

        self.in_thread("read", work, exclusive=False)

    def _read(self, runs: dict[str, Run]) -> None:
        self.table.rows.add(runs)
        self._fill(list(runs.values()))
        self.read()

    def read(self) -> None:
        """More runs were read."""

    def _fill(self, runs: Sequence[Run]) -> None:
        names = self.table.names
        made = columns.cells(runs, names, now_ms(), marks=self.unicode)
        self.table.fill({run.id: cells for run, cells in zip(runs, made, strict=True)})

    # ---- staying up to date

    def _tick(self) -> None:
        if self._looking:
            return
        self._looking = True

        def work() -> None:
            try:
                now, found = tips(self.store.git), self._watcher.look()
                self._looks += 1
                if self._looks % _FETCHED == 0 or now != self._tips:
                    self.material.elsewhere = {one.run.id: one for one in fetched_runs(self.store)}
                if any(not one.alive for one in found):
                    self.store.recover()
            finally:
                self._looking = False
            self.call_from_thread(self._looked, now, found)

        self.in_thread("look", work, exclusive=False)

    def _looked(self, now: object, found: Sequence[Watched]) -> None:
        running = self._going_on(found)
        others = running.keys() != self.table.rows.running.keys()
        changed = self.table.rows.follow(running)
        if others or now != self._tips:
            self._tips = now
            self.ask(refresh=True)
        if changed:
            self._fill([running[run_id] for run_id in changed])
            self.followed(changed)

    def followed(self, changed: Sequence[str]) -> None:
        """These live runs have gone on."""
