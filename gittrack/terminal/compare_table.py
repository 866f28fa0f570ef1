"""Runs side by side, as a table; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.compare.side_by_side import ABSENT
from gittrack.terminal import figures
from gittrack.terminal.diff_page import shown
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import BEST, KEY, STATUS

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.query.compare.side_by_side import Comparison, Row

_SHORT = {"params": "", "metrics": "", "tags": "tag ", "run": ""}
_BY_RUN = {"metrics": 0, "params": 1, "tags": 2, "run": 3}  # what is wanted first where room is short


def table(comparison: Comparison, *, rows: bool = False, best: str = " *") -> Table:
    """The comparison as a table.

    Args:
        comparison: the runs and rows.
        rows: one run a row instead of one a column.
        best: what stands behind the best value of a metric with a goal.
    """
    return _by_run(comparison, best) if rows else _by_key(comparison, best)


def _by_key(comparison: Comparison, best: str) -> Table:
    titles = ["run", *(_SHORT[row.group] + _title(row) for row in comparison.rows)]
    columns = [Column("", [Cell(title, KEY) for title in titles])]
    for position, run in enumerate(comparison.runs):
        cells = [
            Cell(figures.tail(run.id), "yellow"),
            *(_cell(row, position, best) for row in comparison.rows),
        ]
        columns.append(Column(run.name or figures.tail(run.id), cells, rank=position + 1, style="bold"))
    return Table(tuple(columns))


def _by_run(comparison: Comparison, best: str) -> Table:
    runs = comparison.runs
    columns = [
        Column("run", [Cell(figures.tail(run.id), "yellow") for run in runs]),
        Column("name", [Cell(run.name, "bold") for run in runs]),
    ]
    order = sorted(comparison.rows, key=lambda row: (_BY_RUN[row.group], row.goal is None))
    for place, row in enumerate(order):
        cells = [_cell(row, position, best) for position in range(len(runs))]
        numeric = row.group == "metrics"
        columns.append(Column(_SHORT[row.group] + _title(row), cells, right=numeric, rank=place + 1))
    return Table(tuple(columns))


def _title(row: Row) -> str:
    return {"duration_ms": "duration", "start_time": "started"}.get(row.key, row.key)


def _cell(row: Row, position: int, best: str) -> Cell:
    value = row.values[position]
    if value is ABSENT:
        return Cell("")
    if row.group == "metrics":
        won = position in row.best
        mark = best if won else " " * len(best) if row.goal else ""  # so that numbers stay in line
        return Cell(figures.number(value, 5) + mark, BEST if won else "")
    text = shown(row.key, value) if row.group == "run" else figures.value(value)
    return Cell(text, STATUS.get(text, "") if row.key == "status" else "")


def heading(run: Run) -> str:
    """A run in a few words, for a legend."""
    return f"{run.name} {figures.tail(run.id)}".strip()
