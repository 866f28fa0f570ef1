"""Rows with a cursor: keys and the mouse move it, and what is about to be seen is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from gittrack.terminal.app.rows import Head, Rows

if TYPE_CHECKING:
    from typing import ClassVar

    from textual import events
    from textual.binding import BindingType

GUTTER = 3
FIXED = 2  # columns that stay when one goes to the right
_SPARE = 60  # rows around the screen that are read ahead


class Grid(ScrollView, can_focus=True):
    """Rows below a line of titles; how they look is said by the class made of it.

    Attributes:
        rows: what is listed.
        names: the columns.
        cursor: the row at the cursor.
        shift: how many columns are left out behind the first ones.
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
        ("tab,shift+tab", "app.switch_focus", ""),
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

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.rows = Rows()
        self.names: list[str] = []

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
        for row in {before, after}:
            self.refresh_row(row)
        self.want()
        self.post_message(self.Moved())

    def refresh_row(self, row: int) -> None:
        """Draw one row anew."""
        self.refresh(Region(0, row - self.scroll_offset.y + 1, self.size.width, 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self.want()

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
        self.shift = max(0, min(self.shift + by, len(self.names) - FIXED - 1))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; a title, the gutter and a second click say so."""
        if event.y == 0:
            name = self.column_at(event.x)
            if name is not None:
                self.post_message(self.Titled(name))
            return
        row = event.y - 1 + self.scroll_offset.y
        if row >= len(self.rows):
            return
        self.cursor = row
        if event.x < GUTTER or event.chain > 1:
            self.post_message(self.Clicked(gutter=event.x < GUTTER))

    def want(self) -> None:
        """Ask for the runs on the screen, and those around it, that were not read yet."""
        top = self.scroll_offset.y
        missing = self.rows.missing(top, top + max(1, self.size.height))
        if missing:
            around = self.rows.missing(top - _SPARE, top + self.size.height + _SPARE)
            self.post_message(self.Wanted(around))

    def column_at(self, x: int) -> str | None:
        """The column at some place across the screen."""
        raise NotImplementedError
