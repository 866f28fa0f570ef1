"""A list of artifacts as a table; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.kept.listing import Listed

_STYLES = {"here": "green", "cache": "green", "branch": "green", "store": "cyan", "partly": "yellow"}
_DIGITS = 12


def table(found: Sequence[Listed], *, exact: bool = False, short: bool = False) -> Table:
    """The artifacts as a table.

    Args:
        found: one a row.
        exact: sizes in bytes.
        short: for eyes: the first digits of digests, and long paths in several lines.
    """
    sizes = [Cell(str(one.size) if exact else figures.size(one.size)) for one in found]
    digests = [Cell(one.sha256[:_DIGITS] if short else one.sha256, "dim") for one in found]
    return Table(
        (
            Column("path", [Cell(_path(one), "bold") for one in found], rank=0, wrap=short),
            Column("kind", [Cell(one.kind) for one in found], rank=4),
            Column("size", sizes, right=True, rank=1),
            Column("where", [Cell(one.where, _STYLES.get(one.where, "red")) for one in found], rank=2),
            Column("sha256", digests, rank=3),
        )
    )


def _path(one: Listed) -> str:
    return f"{one.path}/" if one.kind == "directory" else one.path
