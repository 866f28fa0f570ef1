"""The list of runs: a table of any length, of which only the rows on the screen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gittrack.terminal.app import columns
from gittrack.terminal.app.rows import Head, Rows
from gittrack.terminal.escape import clip, line
from gittrack.terminal.escape import columns as width_of
from gittrack.terminal.figures import value
from gittrack.terminal.table import GAP, Cell

if TYPE_CHECKING:
    from typing import ClassVar

    from textual import events
    from textual.binding import BindingType

_GUTTER = 3
_FIXED = 2  # columns that stay when one goes to the right
_SPARE = 60  # rows around the screen that are read ahead


class RunTable(ScrollView, can_focus=True):
    """Runs and heads of groups, a line each, below a line of titles.

    Attributes:
        rows: what is listed.
        names: the columns.
        marked: the ids of the marked runs, in the order in which they were marked.
        cursor: the row at the cursor.
        shift: how many columns are left out behind the first ones.
        sorting: the name of the column it is sorted by and whether downwards.
        grouping: what it is grouped by, for people; empty for nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down,j", "move(1)", ""),
        ("up,k", "move(-1)", ""),
        ("pagedown,ctrl+f", "page(1)", ""),
        ("pageup,ctrl+b", "page(-1)", ""),
        ("home", "edge(-1)", ""),
        ("end,G", "edge(1)", ""),
        ("right", "across(1)", ""),
        ("left", "across(-1)", ""),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    shift: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor is at another row."""

    class Wanted(Message):
        """Runs that are about to be seen were not read yet."""

        def __init__(self, run_ids: list[str]) -> None:
            super().__init__()
            self.run_ids = run_ids

    class Titled(Message):
        """The title of a column was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Clicked(Message):
        """A row was clicked: in the gutter, or twice."""

        def __init__(self, *, gutter: bool) -> None:
            super().__init__()
            self.gutter = gutter

    def __init__(self, *, unicode: bool, **settings: str) -> None:
        super().__init__(**settings)
        self.rows = Rows()
        self.names: list[str] = []
        self.marked: dict[str, None] = {}
        self.sorting: tuple[str, bool] | None = None
        self.grouping = ""
        self._unicode = unicode
        self._widths: dict[str, int] = {}

    def show(self) -> None:
        """Show the rows after they changed; the cursor stays within them."""
        self.virtual_size = Size(1, len(self.rows) + 1)
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        self._want()
        self.refresh()

    def choose(self, names: list[str]) -> None:
        """Show other columns."""
        self.names = names
        self.rows.cells.clear()
        self._widths = {name: columns.width(self._title(name)) for name in names}
        self.shift = 0
        self.refresh()

    def fill(self, made: dict[str, tuple[Cell, ...]]) -> None:
        """Take cells; columns get wider where they need to."""
        self.rows.cells |= made
        for cells in made.values():
            for name, cell in zip(self.names, cells, strict=True):
                self._widths[name] = max(self._widths[name], columns.width(cell.text))
        self.refresh()

    @property
    def at_cursor(self) -> str | Head | None:
        """What the cursor is at."""
        return self.rows.at(self.cursor)

    def validate_cursor(self, row: int) -> int:
        """Within the rows."""
        return max(0, min(row, len(self.rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Keep the cursor on the screen."""
        height = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if after < top:
            self.scroll_to(y=after, animate=False, immediate=True)
        elif after >= top + height:
            self.scroll_to(y=after - height + 1, animate=False, immediate=True)
        top = self.scroll_offset.y
        for row in (before, after):
            self.refresh(Region(0, row - top + 1, self.size.width, 1))
        self._want()
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        """Read what comes into sight, and keep the cursor there."""
        self.watch_cursor(self.cursor, self.cursor)

    def action_move(self, by: int) -> None:
        """Some rows down."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Some screens down."""
        self.cursor += by * max(1, self.size.height - 2)

    def action_edge(self, way: int) -> None:
        """To the first row or the last."""
        self.cursor = 0 if way < 0 else len(self.rows) - 1

    def action_across(self, by: int) -> None:
        """Some columns to the right."""
        self.shift = max(0, min(self.shift + by, len(self.names) - _FIXED - 1))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; a title, the gutter and a second click say so."""
        if event.y == 0:
            name = self._column_at(event.x)
            if name is not None:
                self.post_message(self.Titled(name))
            return
        row = event.y - 1 + self.scroll_offset.y
        if row >= len(self.rows):
            return
        self.cursor = row
        if event.x < _GUTTER or event.chain > 1:
            self.post_message(self.Clicked(gutter=event.x < _GUTTER))

    def _want(self) -> None:
        top = self.scroll_offset.y
        missing = self.rows.missing(top, top + max(1, self.size.height))
        if missing:
            around = self.rows.missing(top - _SPARE, top + self.size.height + _SPARE)
            self.post_message(self.Wanted(around))

    def _shown(self) -> list[tuple[str, int]]:
        """The columns that fit, with their widths."""
        names = self.names[:_FIXED] + self.names[_FIXED + self.shift :]
        found, left = [], self.size.width - _GUTTER
        for name in names:
            needed = self._widths.get(name, 1)
            if left < (needed if len(found) > _FIXED else min(needed, 4)):
                break
            found.append((name, min(needed, left)))
            left -= needed + GAP
        return found

    def _column_at(self, x: int) -> str | None:
        at = _GUTTER
        for name, width in self._shown():
            if at <= x < at + width + GAP:
                return name
            at += width + GAP
        return None

    def _title(self, name: str) -> str:
        arrow = ""
        if self.sorting is not None and self.sorting[0] == name:
            up, down = (" ↑", " ↓") if self._unicode else (" ^", " v")
            arrow = down if self.sorting[1] else up
        return columns.title(name, self.names) + arrow

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, or a row."""
        width = self.size.width
        if y == 0:
            return self._titles(width)
        row = y - 1 + self.scroll_offset.y
        found = self.rows.at(row)
        style = self._row_style(row)
        if found is None:
            return Strip.blank(width, self.rich_style)
        segments = self._head(found, row, style) if isinstance(found, Head) else self._run(found, row, style)
        return Strip(segments).crop_extend(0, width, style)

    def _row_style(self, row: int) -> Style:
        if row != self.cursor:
            return self.rich_style
        kind = "cursor" if self.has_focus else "cursor-idle"
        return self.get_component_rich_style(f"table--{kind}")

    def _titles(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--titles")
        segments = [Segment(" " * _GUTTER, style)]
        for name, space in self._shown():
            segments.append(Segment(_padded(self._title(name), space, right=columns.is_right(name)), style))
        return Strip(segments).crop_extend(0, width, style)

    def _gutter(self, row: int, *, marked: bool) -> str:
        cursor, mark = ("▸", "●") if self._unicode else (">", "*")
        return (cursor if row == self.cursor else " ") + (mark if marked else " ") + " "

    def _head(self, head: Head, row: int, style: Style) -> list[Segment]:
        open_, shut = ("▾", "▸") if self._unicode else ("-", "+")
        shown = (
            f"no {self.grouping}"
            if head.group.value is None
            else f"{self.grouping} = {value(head.group.value)}"
        )
        count = f"{head.group.count:,} {'run' if head.group.count == 1 else 'runs'}"
        return [
            Segment(" " * _GUTTER if row != self.cursor else self._gutter(row, marked=False), style),
            Segment(f"{shut if head.folded else open_} {clip(shown, 60)}", style + Style(bold=True)),
            Segment(f"  {count}", style + Style(dim=True)),
        ]

    def _run(self, run_id: str, row: int, style: Style) -> list[Segment]:
        marked = run_id in self.marked
        mark = style + Style.parse("bold yellow") if marked else style
        segments = [Segment(self._gutter(row, marked=marked), mark)]
        cells = self.rows.cells.get(run_id)
        if cells is None:
            return [*segments, Segment("…" if self._unicode else "...", style)]
        by_name = dict(zip(self.names, cells, strict=True))
        for name, space in self._shown():
            cell = by_name[name]
            text = _padded(line(cell.text), space, right=columns.is_right(name))
            segments.append(Segment(text, style + Style.parse(cell.style) if cell.style else style))
        return segments

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor", "table--cursor-idle", "table--titles"}


def _padded(text: str, width: int, *, right: bool) -> str:
    text = clip(text, width)
    blank = " " * (width - width_of(text))
    return (blank + text if right else text + blank) + " " * GAP
