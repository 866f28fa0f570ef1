"""The list of runs: a table of any length, of which only the rows on the screen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from gittrack.terminal.app import columns
from gittrack.terminal.app.grid import FIXED, GUTTER, Grid
from gittrack.terminal.app.rows import Head
from gittrack.terminal.escape import clip, line
from gittrack.terminal.escape import columns as width_of
from gittrack.terminal.figures import number, value
from gittrack.terminal.table import GAP, Cell

if TYPE_CHECKING:
    from typing import ClassVar

_WIDEST_HEAD, _LEAST_HEAD = 60, 12  # columns of what is the same in a group


class RunTable(Grid):
    """Runs and heads of groups, a line each, below a line of titles; heads have the means of metrics.

    Attributes:
        marked: the ids of the marked runs, in the order in which they were marked.
        sorting: the name of the column it is sorted by and whether downwards.
        grouping: what it is grouped by, for people; empty for nothing.
    """

    def __init__(self, name: str, *, unicode: bool) -> None:
        super().__init__(name)
        self.marked: dict[str, None] = {}
        self.sorting: tuple[str, bool] | None = None
        self.grouping = ""
        self._unicode = unicode
        self._widths: dict[str, int] = {}
        self._plain = Style.null()
        self._places: list[tuple[int, int, bool]] = []

    def show(self) -> None:
        """Show the rows after they changed; the cursor stays within them."""
        self.virtual_size = Size(1, len(self.rows) + 1)
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        self.want()
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
        for run_id, cells in made.items():
            harmless = tuple(Cell(line(cell.text), cell.style) for cell in cells)
            self.rows.cells[run_id] = harmless
            for name, cell in zip(self.names, harmless, strict=True):
                self._widths[name] = max(self._widths[name], columns.width(cell.text))
        self.refresh()

    def _shown(self) -> list[tuple[str, int]]:
        """The columns that fit, with their widths."""
        names = self.names[:FIXED] + self.names[FIXED + self.shift :]
        found: list[tuple[str, int]] = []
        left = self.size.width - GUTTER
        for name in names:
            needed = self._widths.get(name, 1)
            if left < (needed if len(found) > FIXED else min(needed, 4)):
                break
            found.append((name, min(needed, left)))
            left -= needed + GAP
        return found

    def column_at(self, x: int) -> str | None:
        """The column at some place across the screen."""
        at = GUTTER
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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the screen; what is the same in all of them is found out once."""
        self._plain = self.rich_style
        self._places = [
            (self.names.index(name), width, columns.is_right(name)) for name, width in self._shown()
        ]
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, or a row."""
        width = self.size.width
        if y == 0:
            return self._titles(width)
        row = y - 1 + self.scroll_offset.y
        found = self.rows.at(row)
        style = self._row_style(row)
        if found is None:
            return Strip.blank(width, self._plain)
        segments = self._head(found, row, style) if isinstance(found, Head) else self._run(found, row, style)
        return Strip(segments).crop_extend(0, width, style)

    def _row_style(self, row: int) -> Style:
        if row != self.cursor:
            return self._plain
        kind = "cursor" if self.has_focus else "cursor-idle"
        return self.get_component_rich_style(f"table--{kind}")

    def _titles(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--titles")
        segments = [Segment(" " * GUTTER, style)]
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
        count = f"  {head.group.count:,} {'run' if head.group.count == 1 else 'runs'} "
        means = self._means(head)
        room = means[0][0] - GUTTER - len(count) - GAP - 2 if means else _WIDEST_HEAD
        shown = clip(shown, max(_LEAST_HEAD, min(_WIDEST_HEAD, room)))
        text = f"{shut if head.folded else open_} {shown}"
        gutter = " " * GUTTER if row != self.cursor else self._gutter(row, marked=False)
        segments = [
            Segment(gutter, style),
            Segment(text, style + Style(bold=True)),
            Segment(count, style + Style(dim=True)),
        ]
        at = GUTTER + width_of(text) + len(count)
        for start, width, mean in means:
            if start >= at:
                cell = _padded(mean, width, right=True)
                segments += [Segment(" " * (start - at), style), Segment(cell, style + Style(bold=True))]
                at = start + width + GAP
        return segments

    def _means(self, head: Head) -> list[tuple[int, int, str]]:
        """Where a mean stands, how wide its column is, and the mean as text."""
        found, at = [], GUTTER
        for place, width, _ in self._places:
            kind, _, key = self.names[place].partition(".")
            if kind == "metrics" and key in head.group.means:
                found.append((at, width, number(head.group.means[key], 4)))
            at += width + GAP
        return found

    def _run(self, run_id: str, row: int, style: Style) -> list[Segment]:
        marked = run_id in self.marked
        mark = style + Style.parse("bold yellow") if marked else style
        segments = [Segment(self._gutter(row, marked=marked), mark)]
        cells = self.rows.cells.get(run_id)
        if cells is None:
            return [*segments, Segment("…" if self._unicode else "...", style)]
        for place, space, right in self._places:
            cell = cells[place]
            text = _padded(cell.text, space, right=right)
            segments.append(Segment(text, style + Style.parse(cell.style) if cell.style else style))
        return segments

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor", "table--cursor-idle", "table--titles"}


def _padded(text: str, width: int, *, right: bool) -> str:
    text = clip(text, width)
    blank = " " * (width - width_of(text))
    return (blank + text if right else text + blank) + " " * GAP
