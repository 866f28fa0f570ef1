"""A list of topics as a table; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.topics import Topic


def table(topics: Sequence[Topic]) -> Table:
    """The topics as a table."""
    return Table(
        (
            Column("topic", [Cell(one.name, "bold" if one.here else "dim") for one in topics], rank=0),
            Column("where", [_where(one) for one in topics], rank=1),
            Column("runs", [Cell(f"{len(one.runs):,}") for one in topics], right=True, rank=1),
            Column("state", [_state(one) for one in topics], rank=2),
            Column("remotes", [Cell(", ".join(one.remotes)) for one in topics], rank=3),
        )
    )


def _where(one: Topic) -> Cell:
    if one.current:
        return Cell("current", "green")
    return Cell("here") if one.here else Cell("remote only", "cyan")


def _state(one: Topic) -> Cell:
    if one.merged:
        return Cell("merged", "dim")
    return Cell("to review", "yellow") if one.runs else Cell("empty", "dim")
