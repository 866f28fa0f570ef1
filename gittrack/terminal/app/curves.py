"""The panes that draw: curves of metrics, and of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.bands import alike, band, by_epoch
from gittrack.query.compare import goal_of, keys
from gittrack.query.curve import points, smooth, x_values
from gittrack.query.progress import is_own
from gittrack.terminal.app.view import charted, said
from gittrack.terminal.chart import Curve, chart
from gittrack.terminal.compare_table import heading
from gittrack.terminal.figures import duration, number
from gittrack.terminal.theme import CURVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.curve import Points
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
        return [*head, said("no metric named epoch says which epoch a step is in", "dim")]
    drawn, styles = _curves(runs, smoothed, bands=settings.bands)
    lines = chart(
        drawn,
        width=view.width,
        height=max(8, min(view.height - 1, _TALLEST)),
        log=settings.log,
        unicode=view.unicode,
        x_number=_seconds if settings.axis == "time" else number,
    )
    more = [said(f"{len(view.runs) - MOST} more runs are left out", "dim")] if len(view.runs) > MOST else []
    return [*head, *charted(lines, styles), *more]


def _curves(runs: Sequence[Run], found: dict[str, Points], *, bands: bool) -> tuple[list[Curve], list[str]]:
    if not bands:
        return [Curve(heading(run), found[run.id]) for run in runs], list(CURVES)
    drawn, styles = [], []
    for place, group in enumerate(alike(runs)):
        style = CURVES[place % len(CURVES)]
        name = _shared_name(group)
        if len(group) > 1:
            made = band([found[run.id] for run in group])
            # Up and down in turn: the line fills what is between the lowest and the highest value.
            fill = [edge for pair in zip(made.low, made.high, strict=True) for edge in pair]
            drawn += [Curve(f"{name}, range of {len(group)}", fill), Curve(f"{name}, mean", made.mean)]
            styles += [f"{style} dim", f"{style} bold"]
        else:
            drawn.append(Curve(heading(group[0]), found[group[0].id]))
            styles.append(style)
    return drawn, styles


def _shared_name(group: Sequence[Run]) -> str:
    names = {run.name for run in group}
    return names.pop() if len(names) == 1 and group[0].name else f"like {heading(group[0])}"


def _points(view: View, run: Run, metric: str) -> Points:
    series = view.material.series(run)
    one = _lowest(series, metric)
    if one is None:
        return []
    counted = one.effective()
    if view.curves.axis == "epoch":
        epochs = _lowest(series, "epoch")
        return points(by_epoch(counted, epochs.effective()), counted.values) if epochs else []
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
