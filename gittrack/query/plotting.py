"""From runs to what is drawn of them: curves by step, time or epoch, bands over groups, scatters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import SelectionError
from gittrack.query.bands import at, by_epoch
from gittrack.query.compare import keys
from gittrack.query.curve import points, smooth, unknown_metric, x_values
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.plan import Curve, plan
from gittrack.query.groups import group, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.drawing.plan import Sheet
    from gittrack.query.drawing.thinning import Points
    from gittrack.store.runs import RunStore

_PLACES = 400  # where a band is computed at most
_NAMES = 40  # texts on an axis at most


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


def metric_plot(  # noqa: PLR0913  each is a choice of its own
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
            such as `epoch`.
        weight: of the past in the average that smooths, see :func:`gittrack.query.curve.smooth`.
        by: what to group by: mean and standard deviation of each group, see
            :func:`gittrack.query.groups.group`.

    Raises:
        SelectionError: no run has the metric, or the one of the axis; runs cannot be grouped by that.
    """
    for name in (metric, *([] if axis in {"step", "time"} else [axis])):
        if not any(name in run.metrics for run in runs):
            raise unknown_metric(name, keys(runs, "metrics"))
    wanted = (
        [Shown(_heading(run), (run,)) for run in runs]
        if by is None
        else [Shown(_group_name(by, one.name), one.runs) for one in group(runs, by, store)]
    )
    curves = tuple(_curve(store, metric, one, axis, weight) for one in wanted)
    title = metric + (f", smoothed {weight:g} (EMA)" if weight else "")
    label = "time" if axis == "time" else axis
    return Plot(title, curves, label, "", seconds=axis == "time")


def _group_name(by: str, name: str) -> str:
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
    if axis == "step" or axis == "time":
        return points(x_values(one, axis), one.values)
    places = _lowest(series, axis)
    return [] if places is None else points(by_epoch(one, places), one.values)


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
        one = spread(at(curve, x) for curve in given)  # type: ignore[arg-type]  # reads like a list
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


def scatter_plot(
    runs: Sequence[Run], x: str, y: str, *, by: str | None = None, store: RunStore | None = None
) -> Plot:
    """One dot a run: a param or metric against a metric.

    Args:
        runs: which ones; those that lack one of the two, or have no finite number of `y`, have no dot.
        x: a param, else a metric; `params.NAME` or `metrics.NAME` where a name is both. Texts stand in
            the order of the alphabet.
        y: a metric, or a param that is a number.
        by: what to group by: a colour a group.
        store: of the runs; only needed to group by fingerprint.

    Raises:
        SelectionError: no run has one of them.
    """
    value_x, value_y = value_of(runs, x), value_of(runs, y)
    names = _texts(runs, value_x)
    groups = [Shown("", tuple(runs))] if by is None else [
        Shown(_group_name(by, one.name), one.runs) for one in group(runs, by, store)
    ]  # fmt: skip
    curves = []
    for one in groups:
        pairs = ((_position(value_x(run), names), _finite(value_y(run))) for run in one.runs)
        dots = sorted((left, right) for left, right in pairs if left is not None and right is not None)
        curves.append(Curve(one.name or f"{len(dots)} runs", dots, joined=False))
    return Plot(f"{y} by {x}", tuple(curves), x, y, names)


def value_of(runs: Sequence[Run], name: str) -> Callable[[Run], Any]:
    """How to read a param or a metric of that name from a run; None where it has none.

    Raises:
        SelectionError: no run has one.
    """
    group_name, _, key = name.partition(".")
    wanted = [(group_name, key)] if group_name in {"params", "metrics"} else []
    for kind, own in [*wanted, ("params", name), ("metrics", name)]:
        if any(own in getattr(run, kind) for run in runs):
            if kind == "params":
                return lambda run: run.params.get(own)
            return lambda run: run.metrics[own].last if own in run.metrics else None
    import difflib

    known = [*keys(runs, "params"), *keys(runs, "metrics")]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known[:10]) or 'none'}"
    msg = f"no param or metric {name[:80]!r}"
    raise SelectionError(msg, hint=hint)


def _texts(runs: Sequence[Run], value: Callable[[Run], Any]) -> tuple[str, ...]:
    """The texts of an axis, none where all values are numbers."""
    given = [one for one in map(value, runs) if one is not None]
    if all(_finite(one) is not None or isinstance(one, float) for one in given):
        return ()
    return tuple(sorted({_said(one) for one in given})[:_NAMES])


def _position(value: Any, names: tuple[str, ...]) -> float | None:  # noqa: ANN401  a JSON value
    if not names:
        return _finite(value)
    text = None if value is None else _said(value)
    return float(names.index(text)) if text in names else None


def _finite(value: Any) -> float | None:  # noqa: ANN401  a JSON value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _said(value: Any) -> str:  # noqa: ANN401  a JSON value
    from gittrack.core.public import finite
    from gittrack.core.text import dump_json

    return value if isinstance(value, str) else dump_json(finite(value)).decode()


def _heading(run: Run) -> str:
    head, _, last = run.id.rpartition("-")
    tail = last if len(last) == 8 and len(head) == 15 else run.id  # noqa: PLR2004  as ids are made
    return f"{run.name} {tail}".strip()
