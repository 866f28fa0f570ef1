"""The one Rich console and its styles. Rich never reads markup here: text of runs is only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal.escape import block, line
from gittrack.terminal.page import is_empty
from gittrack.terminal.table import GAP, clipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, Group, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text

    from gittrack.terminal.chart import Segment
    from gittrack.terminal.page import Section
    from gittrack.terminal.table import Table

STATUS = {
    "queued": "cyan",
    "running": "bold cyan",
    "finished": "green",
    "failed": "red",
    "killed": "red",
    "oom": "red",
    "interrupted": "yellow",
    "lost": "magenta",
}
BETTER, WORSE, BEST = "green", "red", "bold green"
ADDED, REMOVED, CHANGED = "green", "red", "yellow"
TITLE, DIM, KEY = "bold", "dim", "cyan"
_NARROWEST = 12  # columns of the terminal that wrapped text needs
CURVES = ("cyan", "yellow", "magenta", "green", "red", "blue", "bright_cyan", "bright_yellow")


def console(width: int, *, colours: bool, unicode: bool = True) -> Console:
    """A console on standard output that takes everything literally.

    Args:
        width: columns.
        colours: whether to colour; without, bold and dim are left out too.
        unicode: whether more than ASCII may be written; else tables are drawn in ASCII.
    """
    from rich.console import Console

    return Console(
        width=width,
        force_terminal=colours,
        no_color=not colours,
        color_system="auto" if colours else None,
        markup=False,
        highlight=False,
        emoji=False,
        safe_box=not unicode,
        soft_wrap=False,
    )


def rich_table(table: Table, *, header: bool = True, indent: int = 0) -> RichTable:
    """A table for the terminal: no borders, a dim line of titles unless `header` says otherwise."""
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        box=None,
        padding=(0, GAP, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_header=header,
    )
    if indent:
        drawn.add_column(width=0)  # its padding is the indent
    for column in table.columns:
        drawn.add_column(
            Text(clipped(column.title), style=column.style or "bold dim"),
            justify="right" if column.right else "left",
            no_wrap=not column.wrap,
            overflow="fold",
            width=None if column.wrap else column.width,
        )
    wraps = [column.wrap for column in table.columns]
    for row in table.rows:
        cells = (
            Text(line(cell.text) if wrap else clipped(cell.text), style=cell.style)
            for cell, wrap in zip(row, wraps, strict=True)
        )
        drawn.add_row(*([""] if indent else []), *cells)
    return drawn


def rich_page(sections: Sequence[Section], width: int) -> Group:
    """A page for a terminal of so many columns; tables lose columns rather than letters."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = []
    for section in sections:
        if is_empty(section):
            continue
        if parts:
            parts.append("")
        indent = 2 if section.title else 0
        if section.title:
            parts.append(Text(line(section.title), style=TITLE))
        parts += [
            Padding(Text(block(cell.text), style=cell.style), (0, 0, 0, indent)) for cell in section.lines
        ]
        if section.table is not None:
            table = _fitting(section.table, width - indent)
            parts.append(rich_table(table, header=section.header, indent=indent))
            if table.dropped and section.header:
                more = "1 more column" if len(table.dropped) == 1 else f"{len(table.dropped)} more columns"
                parts.append(Text(f"{' ' * indent}+{more}", style=DIM))
    return Group(*parts)


def _fitting(table: Table, width: int) -> Table:
    """Columns that wrap share the width; others, or too many of them, are left out where it is short."""
    wraps = any(column.wrap for column in table.columns)
    return table if wraps and len(table.columns) * _NARROWEST <= width else table.fitted(width)


def rich_chart(lines: Sequence[Sequence[Segment]]) -> Text:
    """A chart for the terminal, curves in their colours."""
    from rich.text import Text

    drawn = Text(no_wrap=True, overflow="crop")
    for number, segments in enumerate(lines):
        if number:
            drawn.append("\n")
        for one in segments:
            drawn.append(one.text, "" if one.curve is None else CURVES[one.curve % len(CURVES)])
    return drawn
