"""The panes that draw: curves of metrics, and of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.compare.side_by_side import goal_of, keys
from gittrack.query.drawing.plan import Curve
from gittrack.query.plots.bands import alike
from gittrack.query.plots.curve import points, smooth, x_values
from gittrack.query.plots.plotting import mean_and_deviation, run_points
from gittrack.query.progress import is_own
from gittrack.terminal.app.view import charted, said
from gittrack.terminal.chart import chart
from gittrack.terminal.compare_table import heading
from gittrack.terminal.figures import duration, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.plots.curve import Points
    from gittrack.terminal.app.view import View

MOST = 30  # curves over each other
_SYSTEM_HEIGHT = 8
_TALLEST = 40


def metrics_of(runs: Sequence[Run], rules: dict[str, Any]) -> list[str]:
    """The metrics of the training that some of the runs have, those with a goal first."""
    found = [key for key in keys(runs, "metrics") if not is_own(key)]
    found.sort(key=lambda key: goal_of(key, rules) is None)
    return found


def curves(view: View) -> list[Strip]:
    """The chosen metric of the chosen runs, over each other."""
    metrics = metrics_of(view.runs, view.rules)
    if not metrics:
        return [said("no metric was logged", "dim")]
    settings = view.curves
    metric = settings.metric if settings.metric in metrics else metrics[0]
    place = f"metric {metrics.index(metric) + 1} of {len(metrics)}"
    head = [said(f"{metric}   {place}, {settings.said()}", "bold")]
    runs = view.runs[:MOST]
    whole = {run.id: _points(view, run, metric) for run in runs}
    cut = _cut(list(whole.values()), settings.low, settings.high)
    smoothed: dict[str, Points] = {
        run_id: [point for point in smooth(one, settings.smooth) if cut[0] <= point[0] <= cut[1]]
        for run_id, one in whole.items()
    }
    if settings.axis == "epoch" and not any(whole.values()):
        return [
            *head,
            said("no metric named epoch, nor a param steps_per_epoch, says which epoch a step is in", "dim"),
        ]
    drawn = _curves(runs, smoothed, bands=settings.bands)
    lines = chart(
        drawn,
        width=view.width,
        height=max(8, min(view.height - 1, _TALLEST)),
        log=settings.log,
        unicode=view.unicode,
        x_number=_seconds if settings.axis == "time" else number,
    )
    more = [said(f"{len(view.runs) - MOST} more runs are left out", "dim")] if len(view.runs) > MOST else []
    return [*head, *charted(lines), *more]


def _curves(runs: Sequence[Run], found: dict[str, Points], *, bands: bool) -> list[Curve]:
    if not bands:
        return [Curve(heading(run), found[run.id]) for run in runs]
    drawn = []
    for group in alike(runs):
        if len(group) > 1:
            mean, band = mean_and_deviation([found[run.id] for run in group])
            drawn.append(Curve(f"{_shared_name(group)}, mean ± sd of {len(group)}", mean, band))
        else:
            drawn.append(Curve(heading(group[0]), found[group[0].id]))
    return drawn


def _shared_name(group: Sequence[Run]) -> str:
    names = {run.name for run in group}
    return names.pop() if len(names) == 1 and group[0].name else f"like {heading(group[0])}"


def _points(view: View, run: Run, metric: str) -> Points:
    if view.curves.axis == "epoch":
        return run_points(view.store, run, metric, "epoch")
    one = _lowest(view.material.series(run), metric)
    if one is None:
        return []
    counted = one.effective()
    return points(x_values(counted, view.curves.axis), counted.values)


def _lowest(series: Sequence[Series], key: str) -> Series | None:
    return min((one for one in series if one.key == key and len(one)), key=lambda one: one.rank, default=None)


def _cut(found: Sequence[Points], low: float, high: float) -> tuple[float, float]:
    xs = [x for one in found if one for x in (one[0][0], one[-1][0])]
    if not xs:
        return 0.0, 0.0
    start, width = min(xs), max(xs) - min(xs)
    return start + width * low, start + width * high


def _seconds(seconds: float) -> str:
    return duration(seconds * 1000)


def system(view: View) -> list[Strip]:
    """What the machine did during the first of the chosen runs: one small chart a metric."""
    series = [one for one in view.material.series(view.run) if is_own(one.key) and len(one)]
    if not series:
        return [said("no system metric was logged", "dim")]
    found: list[Strip] = [said(heading(view.run), "bold")]
    for one in sorted(series, key=lambda item: (item.key, item.rank)):
        counted = one.effective()
        title = one.key + (f", rank {one.rank}" if one.rank else "")
        lines = chart(
            [Curve(title, points(x_values(counted, "time"), counted.values))],
            width=view.width,
            height=_SYSTEM_HEIGHT,
            unicode=view.unicode,
            x_number=_seconds,
        )
        found += charted(lines)
        found.append(said(""))
    return found
