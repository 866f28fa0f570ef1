"""A review as OpenMetrics text, which GitLab's merge requests and Prometheus read; pure.

The format is that of https://github.com/prometheus/OpenMetrics (1.0): one family a fact, the name of the
metric as a label, so that any name can be told. Values are those of the new runs: GitLab compares them
with those of the target branch by itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gittrack.report.escape import clipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gittrack.query.review.review import Review
    from gittrack.query.review.rows import MetricRow


def openmetrics_of(review: Review) -> str:
    """The text; ends with `# EOF` and a newline."""
    return "\n".join((*_families(review), "# EOF", ""))


def _families(review: Review) -> Iterator[str]:
    rows = review.metrics
    yield from _family(
        "gittrack_metric", "Mean of the last values of the new runs.", ((row, row.after.mean) for row in rows)
    )
    yield from _family(
        "gittrack_metric_deviation",
        "Sample standard deviation of the last values of the new runs.",
        ((row, row.after.deviation) for row in rows),
    )
    yield from _family(
        "gittrack_metric_runs",
        "New runs with a number for the metric.",
        ((row, float(row.after.count)) for row in rows),
    )
    yield from _family(
        "gittrack_metric_baseline",
        "Mean of the last values of the baseline.",
        ((row, row.before.mean) for row in rows),
    )
    yield "# TYPE gittrack_gates_failed gauge"
    yield "# HELP gittrack_gates_failed Gates that do not hold."
    yield f"gittrack_gates_failed {len(review.failed)}"


def _family(name: str, text: str, values: Iterable[tuple[MetricRow, float | None]]) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {text}"
    seen: set[str] = set()
    for row, value in values:
        label = _label(row.key)
        if value is not None and label not in seen:  # a sample may be there once
            seen.add(label)
            yield f'{name}{{metric="{label}"}} {_number(value)}'


def _label(text: str) -> str:
    return clipped(text, 300).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
