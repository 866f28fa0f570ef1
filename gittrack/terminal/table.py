"""A table as a value, fitted to a width and written as text, Markdown or CSV; pure."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from gittrack.terminal.escape import block, clip, columns, line, markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = 2
LONGEST = 40


class Cell(NamedTuple):
    """What stands in one place of a table.

    Attributes:
        text: as it came; escaped when it is written.
        style: of Rich, empty for none.
    """

    text: str
    style: str = ""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: stands above.
        cells: one a row.
        right: whether numbers stand here, flush right.
        rank: the larger, the sooner it is left out where there is no room.
        style: of Rich, for the title.
        wrap: whether long text goes on in the next line instead of being cut.
    """

    title: str
    cells: Sequence[Cell]
    right: bool = False
    rank: float = 0
    style: str = ""
    wrap: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal that it takes, at most `LONGEST`."""
        longest = max([columns(line(self.title)), *(columns(line(cell.text)) for cell in self.cells)])
        return min(longest, LONGEST)


@dataclass(frozen=True)
class Table:
    """Columns of the same length.

    Attributes:
        columns: left to right.
        dropped: titles of columns that had no room.
    """

    columns: tuple[Column, ...]
    dropped: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> Iterable[tuple[Cell, ...]]:
        """The rows, top down."""
        return zip(*(column.cells for column in self.columns), strict=True)

    def fitted(self, width: int) -> Table:
        """The table without its least important columns, as many as do not fit into the width.

        The most important column always stays.
        """
        order = sorted(range(len(self.columns)), key=lambda position: (self.columns[position].rank, position))
        kept: set[int] = set()
        used = 0
        for position in order:
            needed = self.columns[position].width + (GAP if kept else 0)
            if kept and used + needed > width:
                continue
            kept.add(position)
            used += needed
        dropped = tuple(one.title for position, one in enumerate(self.columns) if position not in kept)
        return replace(
            self,
            columns=tuple(one for position, one in enumerate(self.columns) if position in kept),
            dropped=dropped,
        )


def plain(table: Table, *, header: bool = True) -> Iterable[str]:
    """Aligned text, two blanks or more between columns and `-` where there is nothing."""
    bodies = [[line(cell.text) or "-" for cell in column.cells] for column in table.columns]
    titles = [line(column.title) for column in table.columns]
    widths = [
        max(map(columns, [title, *body] if header else body), default=0)
        for title, body in zip(titles, bodies, strict=True)
    ]
    lines = [titles] if header else []
    lines += [list(row) for row in zip(*bodies, strict=True)]
    rights = [column.right for column in table.columns]
    for cells in lines:
        padded = [
            " " * (width - columns(text)) + text if right else text + " " * (width - columns(text))
            for text, width, right in zip(cells, widths, rights, strict=True)
        ]
        yield (" " * GAP).join(padded).rstrip()


def as_markdown(table: Table) -> Iterable[str]:
    """A table in GitHub's Markdown; nothing in a cell is taken for markup."""
    yield "| " + " | ".join(markdown(column.title) for column in table.columns) + " |"
    yield "|" + "|".join(" ---: " if column.right else " --- " for column in table.columns) + "|"
    for row in table.rows:
        yield "| " + " | ".join(markdown(cell.text) for cell in row) + " |"


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    """Lines of CSV; control characters in text are written as visible escapes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in ((tuple(header)), *rows):
        writer.writerow([_plain(one) for one in row])
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()


def clipped(text: str) -> str:
    """One line of at most `LONGEST` columns, harmless to show."""
    return clip(line(text), LONGEST)


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return block(value) if isinstance(value, str) else value
