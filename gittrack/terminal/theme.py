"""The one Rich console and its styles. Rich never reads markup here: text of runs is only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal.escape import line
from gittrack.terminal.table import GAP, clipped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    from gittrack.terminal.table import Table

STATUS = {
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


def text(given: str, style: str = "") -> Text:
    """Text of a run for Rich, harmless."""
    from rich.text import Text

    return Text(line(given), style=style, no_wrap=True, overflow="ellipsis")


def rich_table(table: Table) -> RichTable:
    """A table for the terminal: no borders, a dim line of titles."""
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_edge=False, collapse_padding=True
    )
    for column in table.columns:
        drawn.add_column(
            Text(clipped(column.title), style=column.style or "bold dim"),
            justify="right" if column.right else "left",
            no_wrap=True,
            width=column.width,
        )
    for row in table.rows:
        drawn.add_row(*(Text(clipped(cell.text), style=cell.style) for cell in row))
    return drawn
