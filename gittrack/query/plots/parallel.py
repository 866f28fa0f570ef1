"""Runs as lines through the params that differ, to a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import SelectionError
from gittrack.query.compare.importance import FEWEST, importance
from gittrack.query.compare.side_by_side import compare
from gittrack.query.drawing.parallel import Rail, quarters, rail
from gittrack.query.plots.scatter import value_of
from gittrack.query.select import goal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gittrack.core.records import Run

MOST = 8
"""Params that are drawn."""


class Parallel(NamedTuple):
    """Axes, and in which quarter of the metric each run is.

    Attributes:
        metric: its name.
        rails: params, then the metric.
        quarters: 0 for the best, None for a run without a finite value.
        left_out: params that differ and are not drawn.
    """

    metric: str
    rails: tuple[Rail, ...]
    quarters: tuple[int | None, ...]
    left_out: tuple[str, ...] = ()


def parallel(
    runs: Sequence[Run], metric: str, *, rules: Mapping[str, Any] | None = None, most: int = MOST
) -> Parallel:
    """The params that differ as axes; those that explain most stand next to the metric.

    Args:
        runs: one line each.
        metric: the last axis.
        rules: the setting `metrics`; else the name says whether more is better.
        most: params at most.

    Raises:
        SelectionError: no run has the metric, or all have the same params.
    """
    value = value_of(runs, f"metrics.{metric}")
    differing = [row.key for row in compare(runs).group("params") if row.differs]
    if not differing:
        msg = "the params of these runs do not differ"
        raise SelectionError(msg, hint="choose runs that differ, or `gittrack plot METRIC`")
    ordered = _ordered(runs, metric, differing)
    shown = ordered[:most]
    rails = [rail(key, [run.params.get(key) for run in runs]) for key in reversed(shown)]
    values = [value(run) for run in runs]
    more = goal(metric, rules or {}) == "max"
    return Parallel(
        metric, (*rails, rail(metric, values)), tuple(quarters(values, more=more)), tuple(ordered[most:])
    )


def _ordered(runs: Sequence[Run], metric: str, differing: Sequence[str]) -> list[str]:
    """Those that explain most of the metric first."""
    finite = sum(metric in run.metrics for run in runs)
    if finite < FEWEST:
        return list(differing)
    try:
        ranked = [one.param for one in importance(runs, metric)]
    except SelectionError:  # too few finite values
        return list(differing)
    known = [key for key in ranked if key in differing]
    return [*known, *(key for key in differing if key not in known)]
