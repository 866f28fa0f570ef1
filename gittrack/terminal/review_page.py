"""A review as a page: the verdict, the gates, what a reader must know first, the metrics; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import BETTER, CHANGED, DIM, KEY, TITLE, WORSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.review import Review
    from gittrack.query.review.rows import MetricRow, Side
    from gittrack.query.review.values import GateResult, Group

_LEVELS = {"failed": WORSE, "warning": CHANGED, "passed": BETTER, "no baseline": CHANGED}
_GATES = {"failed": ("✗", WORSE), "undecided": ("?", CHANGED), "passed": ("✓", BETTER)}
_WORDS = {
    "worse": WORSE,
    "not a number": WORSE,
    "missing": WORSE,
    "better": BETTER,
    "not comparable": CHANGED,
    "changed": CHANGED,
}
_GOALS = {"max": "↑", "min": "↓", None: ""}


def page(review: Review) -> list[Section]:
    """The page of a review."""
    return [_head(review), _gates(review.gates), _warnings(review), _metrics(review.metrics)]


def _head(review: Review) -> Section:
    lines = [Cell(review.headline, f"{TITLE} {_LEVELS[review.level]}"), Cell(_group(review.head))]
    lines.append(
        Cell(f"baseline: {_group(review.base)}, {review.base.how}" if review.base else review.no_base)
    )
    return Section("", lines=tuple(lines))


def _group(group: Group) -> str:
    return f"{group.label} ({len(group.runs)} run{'' if len(group.runs) == 1 else 's'})"


def _gates(gates: Sequence[GateResult]) -> Section:
    table = Table(
        (
            Column("", [Cell(*_GATES[one.status]) for one in gates]),
            Column("gate", [Cell(one.text, KEY) for one in gates]),
            Column("because", [Cell(one.reason) for one in gates], wrap=True),
        )
    )
    return Section("Gates", table)


def _warnings(review: Review) -> Section:
    lines = (Cell(f"{one.title}: {one.text}", CHANGED if one.invalidates else "") for one in review.warnings)
    return Section("Know first", lines=tuple(lines))


def _metrics(rows: Sequence[MetricRow]) -> Section:
    shown = [row for row in rows if row.goal is not None or not row.key.startswith("system/")]
    table = Table(
        (
            Column("metric", [Cell(row.key, KEY) for row in shown]),
            Column("goal", [Cell(_GOALS[row.goal]) for row in shown], rank=3),
            Column("baseline", [Cell(_side(row.before)) for row in shown], right=True, rank=1),
            Column("new", [Cell(_side(row.after)) for row in shown], right=True),
            Column("n", [Cell(_count(row)) for row in shown], right=True),
            Column("change", [Cell(_change(row), _WORDS.get(row.word, "")) for row in shown], right=True),
            Column("verdict", [Cell(row.word, _WORDS.get(row.word, DIM)) for row in shown]),
            Column("", [Cell(row.why, DIM) for row in shown], rank=2),
        )
    )
    return Section("Metrics", table, header=True)


def _side(side: Side) -> str:
    if side.mean is None:
        return "NaN" if side.unfit else ""
    spread = f" ± {figures.number(side.deviation, 2)}" if side.deviation else ""
    return f"{figures.number(side.mean, 5)}{spread}"


def _count(row: MetricRow) -> str:
    return f"{row.before.count}|{row.after.count}"


def _change(row: MetricRow) -> str:
    if row.delta is None:
        return ""
    share = f" ({figures.percent(row.ratio)})" if row.ratio is not None else ""
    return f"{figures.signed(row.delta, 3)}{share}"
