"""The screen of `gittrack ui`: what is on it, the first line and the last, work in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.containers import Container, Vertical
from textual.filter import Monochrome, NoColor
from textual.widgets import Input, Static

from gittrack.core.errors import GitTrackError
from gittrack.query.filter.parser import parse
from gittrack.query.paged import Question
from gittrack.terminal.app.keymap import KEYS
from gittrack.terminal.app.lines import Lines
from gittrack.terminal.app.look import CSS
from gittrack.terminal.app.suggest import FieldSuggester
from gittrack.terminal.app.table import RunTable
from gittrack.terminal.app.view import Material
from gittrack.terminal.escape import clip, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from gittrack.store.runs import RunStore
    from gittrack.terminal.app.state import Memory


class Frame(App[None]):
    """State and screen; what happens on it is in the classes made of it.

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
        # Textual looks at NO_COLOR itself, takes an empty one for a set one, and turns colours into greys.
        self._filters = [one for one in self._filters if not isinstance(one, (Monochrome, NoColor))]
        if not colours:
            self._filters.append(NoColor())
        self.store = store
        self.memory = memory
        self.unicode = unicode
        self.colours = colours
        self.material = Material(store)
        self.table = RunTable("table", unicode=unicode)
        self.lines = Lines("lines")
        self.question = Question(parse(filter_text) if filter_text.strip() else None)
        self.filter_text = filter_text
        self.defect: Exception | None = None

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

    @property
    def rules(self) -> dict[str, Any]:
        """The setting `metrics`."""
        rules = self.store.config.get("metrics")
        return rules if isinstance(rules, dict) else {}

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

    def say(self, doing: str | None = None, total: int | None = None) -> None:
        """Bring the first line up to date.

        Args:
            doing: what goes on.
            total: how many runs are listed, None where that is not known yet.
        """
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
        self.say(None, len(self.table.rows.listing.ids))

    def _foot(self) -> Text:
        text = Text(no_wrap=True, overflow="crop")
        for key in KEYS:
            if key.foot:
                text.append(key.shown, "bold")
                text.append(f" {key.foot}  ")
        return text
