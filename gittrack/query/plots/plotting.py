"""From runs to what is drawn of them: curves by step, time or epoch, bands over groups, scatters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.query.compare.groups import group, spread
from gittrack.query.compare.side_by_side import keys
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.plan import Curve, plan
from gittrack.query.plots.bands import at, by_epoch
from gittrack.query.plots.curve import points, smooth, unknown_metric, x_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.drawing.shapes import Sheet
    from gittrack.query.drawing.thinning import Points
    from gittrack.store.runs import RunStore

_PLACES = 400  # where a band is computed at most


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves with the names of their axes.

    Attributes:
        title: what it shows.
        curves: in the order of their colours.
        x_label: the name of the x axis.
        y_label: the same of y.
        names: the texts that stand at x = 0, 1, 2, … where x is no number.
        seconds: whether x is a time in seconds.
    """

    title: str
    curves: tuple[Curve, ...]
    x_label: str = "step"
    y_label: str = ""
    names: tuple[str, ...] = ()
    seconds: bool = False

    def x_number(self, value: float) -> str:
        """A number below the x axis as text."""
        if self.names:
            return self.names[int(value)] if value in range(len(self.names)) else ""
        return clock(value) if self.seconds else number(value)

    def sheet(
        self, *, width: int = 800, height: int = 400, log_x: bool = False, log_y: bool = False
    ) -> Sheet:
        """It laid out on so many pixels."""
        return plan(
            self.curves,
            title=self.title,
            x_label=self.x_label,
            y_label=self.y_label,
            width=width,
            height=height,
            log_x=log_x and not self.names,
            log_y=log_y,
            x_number=self.x_number,
        )


class Shown(NamedTuple):
    """What a curve is of: one run, or the runs of a group."""

    name: str
    runs: tuple[Run, ...]


def clock(seconds: float) -> str:
    """Seconds as `12s`, `3m`, `1.5h`, `2d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if abs(seconds) >= 2 * size:
            return f"{number(seconds / size, 3)}{unit}"
    return f"{number(seconds, 3)}s"


def metric_plot(
    store: RunStore,
    metric: str,
    runs: Sequence[Run],
    *,
    axis: str = "step",
    weight: float = 0.0,
    by: str | None = None,
) -> Plot:
    """A metric of runs over each other.

    Args:
        store: of the runs.
        metric: its name.
        runs: which ones.
        axis: `step`, `time` (seconds after the first point), or a metric that says where each step is,
            such as `epoch`; without that metric, steps divided by the param `steps_per_epoch`.
        weight: of the past in the average that smooths, see :func:`gittrack.query.plots.curve.smooth`.
        by: what to group by: mean and standard deviation of each group, see
            :func:`gittrack.query.compare.groups.group`.

    Raises:
        SelectionError: no run has the metric, or the one of the axis; runs cannot be grouped by that.
    """
    if not any(metric in run.metrics for run in runs):
        raise unknown_metric(metric, keys(runs, "metrics"))
    known = axis in {"step", "time"} or any(
        axis in run.metrics or f"steps_per_{axis}" in run.params for run in runs
    )
    if not known:
        raise unknown_metric(axis, keys(runs, "metrics"))
    wanted = (
        [Shown(_heading(run), (run,)) for run in runs]
        if by is None
        else [Shown(group_label(by, one.name), one.runs) for one in group(runs, by, store)]
    )
    curves = tuple(_curve(store, metric, one, axis, weight) for one in wanted)
    title = metric + (f", smoothed {weight:g} (EMA)" if weight else "")
    label = "time" if axis == "time" else axis
    return Plot(title, curves, label, "", seconds=axis == "time")


def group_label(by: str, name: str) -> str:
    """A group in a legend."""
    kind, colon, key = by.partition(":")
    return f"{key} {name}" if colon else name if kind == "seeds" else f"{kind} {name[:10]}"


def _curve(store: RunStore, metric: str, shown: Shown, axis: str, weight: float) -> Curve:
    found = [smooth(run_points(store, run, metric, axis), weight) for run in shown.runs]
    if len(found) == 1:
        return Curve(shown.name, found[0])
    mean, band = mean_and_deviation(found)
    return Curve(f"{shown.name}, mean ± sd of {sum(map(bool, map(len, found)))}", mean, band)


def run_points(store: RunStore, run: Run, metric: str, axis: str = "step") -> Points:
    """The points of a metric of one run; none where it lacks the metric, or the one of the axis."""
    if metric not in run.metrics:
        return []
    series = store.series(run.id)
    one = _lowest(series, metric)
    if one is None:
        return []
    if axis == "step":
        return points(x_values(one, "step"), one.values)
    if axis == "time":
        return points(x_values(one, "time"), one.values)
    places = _lowest(series, axis)
    if places is not None:
        return points(by_epoch(one, places), one.values)
    a_unit = finite_number(run.params.get(f"steps_per_{axis}"))
    return points([step / a_unit for step in one.steps], one.values) if a_unit else []


def _lowest(series: Sequence[Series], key: str) -> Series | None:
    found = min(
        (one for one in series if one.key == key and len(one)), key=lambda one: one.rank, default=None
    )
    return None if found is None else found.effective()


def mean_and_deviation(curves: Sequence[Points]) -> tuple[Points, list[tuple[float, float, float]]]:
    """The mean of several curves, and mean minus and plus the sample standard deviation around it.

    Both are where all of the curves are, at their points, 400 at most; between its points a curve is a
    straight line.

    Args:
        curves: each in the order of x; empty ones do not count.
    """
    given = [curve for curve in curves if len(curve)]
    if not given:
        return [], []
    start, stop = max(curve[0][0] for curve in given), min(curve[-1][0] for curve in given)
    places = _places(given, start, stop)
    mean: list[tuple[float, float]] = []
    band: list[tuple[float, float, float]] = []
    for x in places:
        one = spread(at(curve, x) for curve in given)
        if one.mean is None:
            continue
        mean.append((x, one.mean))
        if one.deviation is not None:
            band.append((x, one.mean - one.deviation, one.mean + one.deviation))
    return mean, band


def _places(curves: Sequence[Points], start: float, stop: float) -> list[float]:
    if start > stop:
        return []
    if sum(map(len, curves)) > 100 * _PLACES:
        return [start + (stop - start) * place / (_PLACES - 1) for place in range(_PLACES)]
    every = sorted({x for curve in curves for x, _ in curve if start <= x <= stop})
    if len(every) <= _PLACES:
        return every
    return [every[round(place * (len(every) - 1) / (_PLACES - 1))] for place in range(_PLACES)]


def _heading(run: Run) -> str:
    head, _, last = run.id.rpartition("-")
    tail = last if len(last) == 8 and len(head) == 15 else run.id  # noqa: PLR2004  as ids are made
    return f"{run.name} {tail}".strip()


def finite_number(value: Any) -> float | None:  # noqa: ANN401  a JSON value
    """The value as a float, None unless it is a finite number."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
