"""Runs held against each other and drawn, for programs; opens the store of the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.compare.chosen import chosen
from gittrack.query.compare.side_by_side import Comparison, compare
from gittrack.query.plots.drawn import Drawing
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from gittrack.query.compare.groups import Grouped
    from gittrack.query.compare.importance import Importance

__all__ = ["compare_runs", "group_runs", "param_importance", "plot_runs"]


def compare_runs(*runs: str, repo: str | os.PathLike[str] | None = None) -> Comparison:
    """Runs side by side: facts, params, metrics and tags; `.differing()` leaves only what differs.

    Args:
        runs: RUNs and FILTERs.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        RunNotFound, AmbiguousRun, FilterError: as for :func:`gittrack.query.chosen.chosen`.
    """
    store = _open(repo)
    return compare(chosen(store, runs), store.config.get("metrics"))


def group_runs(by: str, *runs: str, repo: str | os.PathLike[str] | None = None) -> Grouped:
    """Runs in groups, with mean, deviation and n of each metric.

    Args:
        by: `param:NAME`, `tag:NAME`, `seeds`, `fingerprint`, `branch`, …: see
            :func:`gittrack.query.compare.groups.group`.
        runs: RUNs and FILTERs.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        RunNotFound, AmbiguousRun, FilterError: as for :func:`compare_runs`.
        SelectionError: runs cannot be grouped by that.
    """
    from gittrack.query.compare.groups import grouped

    store = _open(repo)
    return grouped(chosen(store, runs), by, store, store.config.get("metrics"))


def param_importance(metric: str, *runs: str, repo: str | os.PathLike[str] | None = None) -> list[Importance]:
    """How much of a metric each param explains on its own: see :mod:`gittrack.query.compare.importance`.

    Args:
        metric: its name.
        runs: RUNs and FILTERs.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        RunNotFound, AmbiguousRun, FilterError: as for :func:`compare_runs`.
        SelectionError: no run has the metric, or too few have a finite value of it.
    """
    from gittrack.query.compare.importance import importance

    return importance(chosen(_open(repo), runs), metric)


def plot_runs(  # noqa: PLR0913  each is a choice of its own
    metric: str,
    *runs: str,
    against: str | None = None,
    parallel: bool = False,
    x: str = "step",
    smooth: float = 0.0,
    group_by: str | None = None,
    log: bool = False,
    log_x: bool = False,
    size: Sequence[int] = (800, 400),
    repo: str | os.PathLike[str] | None = None,
) -> Drawing:
    """Draw a metric of runs; a notebook shows the result, `.save("chart.svg")` writes it.

    Args:
        metric: its name.
        runs: RUNs and FILTERs; the last run when there is none.
        against: a param or metric for a scatter, one dot a run; curves when None.
        parallel: draw each run as a line through its params instead.
        x: of curves: `step`, `time`, or a metric such as `epoch`.
        smooth: weight of the past in the exponential moving average, from 0 to below 1.
        group_by: mean and standard deviation of groups: see :func:`group_runs`.
        log: logarithmic y axis.
        log_x: the same of x.
        size: width and height in pixels.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        RunNotFound, AmbiguousRun, FilterError: as for :func:`compare_runs`.
        SelectionError: no run has the metric, or the param.
    """
    from gittrack.query.plots import plotting, scatter

    store = _open(repo)
    found = chosen(store, runs or ("@last",))
    width, height = size
    if parallel:
        from gittrack.query.drawing.parallel import sheet
        from gittrack.query.plots.parallel import parallel as lines

        rails = lines(found, metric, rules=store.config.get("metrics"))
        return Drawing(sheet(rails.rails, rails.quarters, title=metric, width=width, height=height))
    if against is not None:
        plot = scatter.scatter_plot(found, against, metric, by=group_by, store=store)
    else:
        plot = plotting.metric_plot(store, metric, found, axis=x, weight=smooth, by=group_by)
    return Drawing(plot.sheet(width=width, height=height, log_x=log_x, log_y=log))


def _open(repo: str | os.PathLike[str] | None) -> RunStore:
    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    return store
