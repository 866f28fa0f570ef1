"""The chain of a model as a table; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.models.provenance.links import Link

_MARKS = {"ok": ("✓", "green"), "broken": ("✗", "bold red"), "unknown": ("?", "yellow")}
_WORDS = {"ok": "ok", "broken": "broken", "unknown": "cannot tell"}


def chain_table(links: Iterable[Link]) -> Table:
    """One link a row, from the files of a model back to the data."""
    found = list(links)
    return Table(
        (
            Column("", [Cell(*_MARKS[one.mark]) for one in found]),
            Column("link", [Cell(one.name, KEY) for one in found]),
            Column("state", [Cell(_WORDS[one.mark], _MARKS[one.mark][1]) for one in found], rank=1),
            Column("what was found", [Cell(one.what) for one in found], wrap=True),
        )
    )
