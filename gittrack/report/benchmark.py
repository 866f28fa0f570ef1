"""A review as the JSON of github-action-benchmark (`customBiggerIsBetter`, `customSmallerIsBetter`); pure.

That action knows one direction a file: a metric with a goal goes into the file of its direction. Without
one asked for, the direction of the first metric with a goal decides. Format: `[{name, unit, value, range,
extra}]`, https://github.com/benchmark-action/github-action-benchmark.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gittrack.core.text import dump_json
from gittrack.report.escape import clipped
from gittrack.report.numbers import number

if TYPE_CHECKING:
    from typing import Any

    from gittrack.query.compare.side_by_side import Goal
    from gittrack.query.review.review import Review
    from gittrack.query.review.rows import MetricRow


def benchmark_of(review: Review, goal: Goal | None = None) -> str:
    """The JSON; ends with a newline.

    Args:
        review: the values.
        goal: metrics of this direction only; None for that of the first metric with a goal, and for all
            metrics where none has one.
    """
    wanted = goal or next((row.goal for row in review.metrics if row.goal), None)
    rows = [row for row in review.metrics if row.goal == wanted]
    entries = [
        _entry(review, row) for row in rows if row.after.mean is not None and math.isfinite(row.after.mean)
    ]
    lines = ",\n".join(f"  {dump_json(one).decode()}" for one in entries)
    return f"[\n{lines}\n]\n" if entries else "[]\n"


def _entry(review: Review, row: MetricRow) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": clipped(row.key, 300), "unit": "", "value": row.after.mean}
    if row.after.deviation is not None:
        entry["range"] = f"± {number(row.after.deviation, 2)}"
    entry["extra"] = f"n = {row.after.count}\nrun {review.head.runs[0].id}"
    return entry
