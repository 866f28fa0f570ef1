"""Comparisons as pictures: metrics of runs or groups as dots beside each other, importance as bars; pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gittrack.core.errors import SelectionError
from gittrack.query.compare.side_by_side import ABSENT
from gittrack.query.drawing.rows import Column, Mark, sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.query.compare.groups import Grouped, Spread
    from gittrack.query.compare.importance import Importance
    from gittrack.query.compare.side_by_side import Comparison
    from gittrack.query.drawing.shapes import Sheet

_GOALS = {"max": " (max)", "min": " (min)", None: ""}  # arrows are not in every font
_GREEN = "green is the best"


def runs_sheet(found: Comparison) -> Sheet:
    """A dot a run for each metric.

    Raises:
        SelectionError: there is no metric to draw.
    """
    rows = [row for row in found.group("metrics") if any(_mark(one) for one in row.values)]
    if not rows:
        raise _nothing()
    columns = [
        Column(f"{row.key}{_GOALS[row.goal]}", [_mark(one) for one in row.values], row.best) for row in rows
    ]
    note = _GREEN if any(row.goal for row in rows) else ""
    return sheet([_named(run) for run in found.runs], columns, title="Metrics, last values", note=note)


def groups_sheet(found: Grouped) -> Sheet:
    """A dot at the mean of each group for each metric, a line of one standard deviation to both sides.

    Raises:
        SelectionError: there is no metric to draw.
    """
    metrics = {name: one for name, one in found.metrics.items() if any(each.count for each in one)}
    if not metrics:
        raise _nothing()
    best = {name: found.best(name) for name in metrics}
    columns = [
        Column(
            f"{name}{_GOALS[found.goals.get(name)]}",
            [_spread(one) for one in spreads],
            frozenset({place} if (place := best[name]) is not None else ()),
        )
        for name, spreads in metrics.items()
    ]
    names = [f"{one.name} (n={len(one.runs)})" for one in found.groups]
    note = f"mean ± standard deviation{f'; {_GREEN}' if found.goals else ''}"
    return sheet(names, columns, title=f"Metrics by {found.by.partition(':')[2] or found.by}", note=note)


def importance_sheet(found: Sequence[Importance], metric: str) -> Sheet:
    """A bar a param, as long as the share of the metric that it explains.

    Raises:
        SelectionError: no param varies.
    """
    if not found:
        msg = "no param varies"
        raise SelectionError(msg, hint="choose runs whose params differ")
    sure = frozenset(place for place, one in enumerate(found) if one.p < 0.01)  # noqa: PLR2004  as the table has it
    column = Column("explains", [Mark(one.explains) for one in found], sure, bars=True)
    names = [one.param for one in found]
    return sheet(names, [column], title=f"What explains {metric}", note="green: p below 0.01")


def _named(run: Run) -> str:
    head, _, last = run.id.rpartition("-")
    tail = last if len(last) == 8 and len(head) == 15 else run.id  # noqa: PLR2004  as ids are made
    return f"{run.name} {tail}".strip()


def _mark(value: object) -> Mark | None:
    if value is ABSENT or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return Mark(float(value))


def _spread(one: Spread) -> Mark | None:
    if one.mean is None:
        return None
    if one.deviation is None or not math.isfinite(one.deviation):
        return Mark(one.mean)
    return Mark(one.mean, one.mean - one.deviation, one.mean + one.deviation)


def _nothing() -> SelectionError:
    msg = "these runs have no metric to draw"
    return SelectionError(msg, hint="choose runs with finite metrics that differ, or --all")
