"""A part of the terminal that is drawn again and again, below lines that stay."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.terminal.escape import columns, line
from gittrack.terminal.page import is_empty
from gittrack.terminal.table import GAP, Table, clipped
from gittrack.terminal.theme import DIM, TITLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from gittrack.terminal.page import Section

    Draw = Callable[[Sequence[Section], int, str], None]
    Say = Callable[[str], None]


@contextlib.contextmanager
def screen(console: Console) -> Iterator[tuple[Draw, Say]]:
    """Gives what draws a page of so many columns, or a text where it is empty, and what says a line above.

    Args:
        console: on a terminal.
    """
    from rich.live import Live
    from rich.text import Text

    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:

        def draw(sections: Sequence[Section], width: int, otherwise: str) -> None:
            content = drawn(sections, width) if sections else Text(otherwise, style=DIM)
            live.update(content, refresh=True)

        def say(text: str) -> None:
            live.console.print(Text(text), soft_wrap=True)

        yield draw, say


def drawn(sections: Sequence[Section], width: int) -> Text:
    """A page as one text. Ten times as fast as Rich's tables, which measure every cell several times."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="crop")
    for section in sections:
        if is_empty(section):
            continue
        if text:
            text.append("\n")
        if section.title:
            text.append(line(section.title) + "\n", TITLE)
        indent = "  " if section.title else ""
        for cell in section.lines:
            text.append(f"{indent}{line(cell.text)}\n", cell.style)
        if section.table is not None:
            _append(text, section.table.fitted(width - len(indent)), indent, header=section.header)
    text.rstrip()
    return text


def _append(text: Text, table: Table, indent: str, *, header: bool) -> None:
    widths = [column.width for column in table.columns]
    rights = [column.right for column in table.columns]
    rows = [[(cell.text, cell.style) for cell in row] for row in table.rows]
    if header:
        rows.insert(0, [(column.title, column.style or "bold dim") for column in table.columns])
    for row in rows:
        text.append(indent)
        for (content, style), width, right in zip(row, widths, rights, strict=True):
            shown = clipped(content)
            blank = " " * (width - columns(shown))
            text.append((blank + shown if right else shown + blank) + " " * GAP, style)
        text.append("\n")
