"""A part of the terminal that is drawn again and again, below lines that stay."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.terminal.theme import DIM, rich_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

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
            content = rich_page(sections, width) if sections else Text(otherwise, style=DIM)
            live.update(content, refresh=True)

        def say(text: str) -> None:
            live.console.print(Text(text), soft_wrap=True)

        yield draw, say
