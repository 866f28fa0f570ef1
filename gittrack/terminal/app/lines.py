"""Lines of text on a screen, however many; only those that are seen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from rich.console import Console, RenderableType
    from textual import events
    from textual.binding import BindingType


def drawn(console: Console, renderable: RenderableType, width: int) -> list[Strip]:
    """What Rich makes of something, as lines."""
    options = console.options.update(width=max(1, width), height=None)
    return [Strip(line).simplify() for line in console.render_lines(renderable, options, pad=False)]


class Lines(ScrollView, can_focus=True):
    """Lines to scroll through.

    Attributes:
        lines: what is shown.
        cursor: the number of the line that enter chooses, None where there is nothing to choose.
        choices: the numbers of the lines that can be chosen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        ("down,j", "go(1)", ""),
        ("up,k", "go(-1)", ""),
        ("tab,shift+tab", "app.switch_focus", ""),
    ]

    class Chosen(Message):
        """A line was clicked, or enter was pressed: its number, counted from 0."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.lines: Sequence[Strip] = ()
        self.cursor: int | None = None
        self.choices = range(0)
        self._last = 0

    def show(
        self,
        lines: Sequence[Strip],
        *,
        end: bool = False,
        keep: bool = True,
        choices: range = range(0),
        again: bool = False,
    ) -> None:
        """Show other lines.

        Args:
            lines: which.
            end: go to the last one, unless somebody has scrolled away from it.
            keep: stay where it was scrolled to; else begin at the top.
            choices: the lines that can be chosen.
            again: whether they are those of last time: the cursor goes back to its line.
        """
        at_end = not self.lines or self.scroll_offset.y >= self.max_scroll_y
        self.lines = lines
        self.choices = choices
        if self.cursor is not None:
            self._last = self.cursor
        if not choices:
            self.cursor = None
        else:
            self.cursor = self._last if again and self._last in choices else choices.start
        widest = max((line.cell_length for line in lines), default=0)
        self.virtual_size = Size(widest, len(lines))
        if end and at_end:
            self.call_after_refresh(self.scroll_end, animate=False)
        elif not keep:
            self.scroll_to(0, 0, animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        across, down = self.scroll_offset
        number, width, style = y + down, self.size.width, self.rich_style
        if number >= len(self.lines):
            return Strip.blank(width, style)
        if number == self.cursor and self.has_focus:
            style = self.get_component_rich_style("lines--cursor")
        return self.lines[number].apply_style(style).crop_extend(across, across + width, style)

    def action_go(self, by: int) -> None:
        """A line down: the cursor where there is something to choose, else everything."""
        if self.cursor is None:
            self.scroll_relative(y=by, animate=False)
            return
        self.cursor = max(self.choices.start, min(self.cursor + by, self.choices.stop - 1))
        if not self.scroll_offset.y <= self.cursor < self.scroll_offset.y + self.size.height:
            self.scroll_relative(y=by, animate=False)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Say which line."""
        number = event.y + self.scroll_offset.y
        if number in self.choices:
            self.cursor = number
            self.post_message(self.Chosen(number))
