"""A list of environments as a table; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.launch.environments.kept import Kept

_DIGITS = 12


def table(found: Sequence[Kept], now: int, *, short: bool = False) -> Table:
    """The environments as a table.

    Args:
        found: one a row.
        now: milliseconds since the epoch.
        short: for eyes: the first digits of names.
    """
    used = [
        Cell("now", "green") if one.in_use else Cell(figures.age(one.used_ms, now) if short else one.used)
        for one in found
    ]
    return Table(
        (
            Column("name", [Cell(one.digest[:_DIGITS] if short else one.digest, "bold") for one in found]),
            Column("made by", [Cell(one.manager) for one in found], rank=5),
            Column("python", [Cell(one.python or "-") for one in found], rank=3),
            Column("packages", [Cell(str(one.packages)) for one in found], right=True, rank=4),
            Column("size", [Cell(figures.size(one.size)) for one in found], right=True, rank=1),
            Column("used", used, rank=2),
            Column("made from", [Cell(_what(one), "dim") for one in found], rank=6, wrap=short),
        )
    )


def _what(one: Kept) -> str:
    return f"{one.source}: {', '.join(one.wants)}" if one.wants else one.source
