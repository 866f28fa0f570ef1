"""The screen of `gittrack ui` and how it stays up to date. Runs are read in threads, never while a key waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.containers import Container, Vertical
from textual.widgets import Input, Static

from gittrack.core.errors import GitTrackError
from gittrack.core.times import now_ms
from gittrack.query.filter import parse
from gittrack.query.paged import Listing, Question, listing, load
from gittrack.query.watching import Watcher, tips
from gittrack.terminal.app import columns
from gittrack.terminal.app.keymap import KEYS
from gittrack.terminal.app.lines import Lines
from gittrack.terminal.app.look import CSS
from gittrack.terminal.app.suggest import FieldSuggester
from gittrack.terminal.app.table import RunTable
from gittrack.terminal.app.view import Material
from gittrack.terminal.escape import clip, line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from gittrack.core.records import Run
    from gittrack.query.watching import Watched
    from gittrack.store.index.reader import Index
    from gittrack.store.runs import RunStore
    from gittrack.terminal.app.state import Memory

_FIRST = 300  # runs that are listed before all are
_INTERVAL = 1.0  # seconds between two looks at refs and journals


class Base(App[None]):
    """State, screen and refreshing; what keys do is in the classes made of it.

    Args:
        store: the runs.
        memory: the columns of last time.
        unicode: whether more than ASCII can be shown.
        colours: whether colours may be shown.
        filter_text: a filter to begin with.

    Attributes:
        defect: what went wrong unexpectedly, None where nothing did.
    """

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    TITLE = "gittrack"
    BINDINGS: ClassVar[list[BindingType]] = [(key.keys, key.action, key.text) for key in KEYS if key.keys]

    def __init__(
        self,
        store: RunStore,
        memory: Memory,
        *,
        unicode: bool = True,
        colours: bool = True,
        filter_text: str = "",
    ) -> None:
        super().__init__(ansi_color=None if colours else True)
        self.store = store
        self.memory = memory
        self.unicode = unicode
        self.colours = colours
        self.material = Material(store)
        self.table = RunTable(unicode=unicode, id="table")
        self.lines = Lines(id="lines")
        self.question = Question(parse(filter_text) if filter_text.strip() else None)
        self.filter_text = filter_text
        self.defect: Exception | None = None
        self._lister: Index = store.index
        self._watcher = Watcher(store)
        self._tips: object = None
        self._looking = False
        self._in_flight: set[str] = set()

    def compose(self) -> ComposeResult:
        """A line about the list, the filter, list and pane, a line of keys."""
        yield Static(id="top")
        with Vertical(id="filter"):
            yield Input(
                self.filter_text,
                placeholder="metrics.acc > 0.9 and params.lr = 0.1",
                suggester=FieldSuggester(self.store.index),
                select_on_focus=False,
                compact=True,
            )
            yield Static(id="filter-note")
        with Container(id="main"):
            yield self.table
            with Vertical(id="pane"):
                yield Static(id="tabs")
                yield self.lines
        yield Static(self._foot(), id="foot")

    def on_mount(self) -> None:
        """Read the first page, then everything."""
        self.set_class(not self.colours, "plain")
        self.query_one("#filter").set_class(bool(self.filter_text), "shown")
        self.table.focus()
        self._say_top("reading runs")
        self.in_thread("list", self._begin)

    def _begin(self) -> None:
        self._tips = tips(self.store.git)
        found = self._watcher.look()
        running = {one.run.id: one.run for one in found}
        self.store.index.refresh()
        first = listing(self.store.index, self.question, list(running.values()), limit=_FIRST)
        runs = load(self.store.index, [one for one in first.ids[:60] if one not in running])
        self.call_from_thread(self._begun, running, first, runs)

    def _begun(self, running: dict[str, Run], first: Listing, runs: dict[str, Run]) -> None:
        rows = self.table.rows
        rows.follow(running)
        rows.add(runs)
        known = [run for run_id in first.ids[:60] if (run := rows.run(run_id)) is not None]
        self.table.choose(self._columns(known))
        self._show(first, total=None)
        self._fill(known)
        self._lister = self._own_index()
        self.ask()
        self.set_interval(_INTERVAL, self._tick)

    def _columns(self, runs: Sequence[Run]) -> list[str]:
        names = [name for name in self.memory.columns() or () if columns.is_column(name)]
        return names or columns.first_choice(runs, self._rules)

    @property
    def _rules(self) -> dict[str, Any]:
        rules = self.store.config.get("metrics")
        return rules if isinstance(rules, dict) else {}

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

        def work() -> None:
            if refresh:
                self.store.index.refresh()
                self._lister.refresh()
            found = listing(self._lister, question, running)
            self.call_from_thread(self._answer, question, found, refresh, top)

        self.in_thread("list", work)

    def _answer(self, question: Question, found: Listing, refresh: bool, top: bool) -> None:  # noqa: FBT001
        if question != self.question:
            return  # another one was asked meanwhile
        if refresh:
            self.table.rows.forget()
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
        self._say_top(None if total is None else "", total)

    def listed(self) -> None:
        """Another list is shown."""

    def on_run_table_wanted(self, message: RunTable.Wanted) -> None:
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
                if any(not one.alive for one in found):
                    self.store.recover()
            finally:
                self._looking = False
            self.call_from_thread(self._looked, now, found)

        self.in_thread("look", work, exclusive=False)

    def _looked(self, now: object, found: Sequence[Watched]) -> None:
        running = {one.run.id: one.run for one in found}
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

    def in_thread(self, group: str, work: Callable[[], None], *, exclusive: bool = True) -> None:
        """Do something in a thread; what goes wrong as expected is said on the screen.

        Args:
            group: what it belongs to.
            work: what to do.
            exclusive: whether something of the same group that still goes on is of no use any more.
        """

        def guarded() -> None:
            try:
                work()
            except (GitTrackError, OSError) as error:
                self.call_from_thread(self.complain, error)
            except Exception as error:  # noqa: BLE001  a defect: the error boundary says it
                self.call_from_thread(self._handle_exception, error)

        self.run_worker(guarded, group=group, thread=True, exclusive=exclusive)

    def _handle_exception(self, error: Exception) -> None:
        """Leave; Textual itself would print every variable there is, secrets too."""
        self.defect = self.defect or error
        self.exit()

    def complain(self, error: Exception) -> None:
        """Say what went wrong."""
        hint = getattr(error, "hint", None)
        self.notify(line(f"{error}; {hint}" if hint else str(error)), severity="error", markup=False)

    # ---- the first line and the last

    def _say_top(self, doing: str | None = None, total: int | None = None) -> None:
        where = (self.store.git.place.work_tree or self.store.git.place.common_dir).name
        parts = [clip(line(where), 30)]
        if total is not None:
            parts.append(f"{total:,} {'run' if total == 1 else 'runs'}")
        if running := len(self.table.rows.running):
            parts.append(f"{running} running")
        parts += self._manner()
        if self.table.marked:
            parts.append(f"{len(self.table.marked)} marked")
        if doing:
            parts.append(doing + ("…" if self.unicode else "..."))
        self.query_one("#top", Static).update(
            Text((" · " if self.unicode else " | ").join(parts), no_wrap=True, overflow="ellipsis")
        )

    def _manner(self) -> list[str]:
        orders = [f"by {line(order)}" for order in self.question.orders]
        grouped = [f"grouped by {line(self.question.group)}"] if self.question.group else []
        return [*orders, *grouped, *["with removed runs"] * self.question.deleted]

    def say_top(self) -> None:
        """Bring the first line up to date."""
        self._say_top(None, len(self.table.rows.listing.ids))

    def _foot(self) -> Text:
        text = Text(no_wrap=True, overflow="crop")
        for key in KEYS:
            if key.foot:
                text.append(key.shown, "bold")
                text.append(f" {key.foot}  ")
        return text
