"""`gittrack plot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore
    from gittrack.terminal.chart import Curve

_LEAST_HEIGHT = 10


@options.verb("plot")
@click.argument(
    "words", nargs=-1, required=True, metavar="METRIC… [RUN…]", shell_complete=options.plot_completion
)
@click.option(
    "--x", "axis", type=click.Choice(["step", "time"]), default="step", show_default=True, help="X axis."
)
@click.option("--log", is_flag=True, help="Logarithmic y axis.")
@click.option(
    "--smooth",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="WEIGHT",
    help="Weight of the past, from 0 to below 1.",
)
@click.option("--height", type=click.IntRange(min=5), metavar="N", help="Lines of a chart.")
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    axis: Literal["step", "time"],
    smooth: float,
    height: int | None,
    *,
    log: bool,
) -> None:
    """Draw metrics of runs over each other; of the last run when none is named.

    The first word is a metric; each further one is a run, or a metric when there is no such run.
    """
    from gittrack.terminal.chart import chart
    from gittrack.terminal.figures import duration

    store = options.store(ctx)
    metrics, runs = _sorted(ctx, words)
    _check(metrics, runs)
    lines = height or max(_LEAST_HEIGHT, min(output.height() - 2, 30) // len(metrics))
    by_time: dict[str, Any] = {"x_number": lambda seconds: duration(seconds * 1000)} if axis == "time" else {}
    for number, metric in enumerate(metrics):
        if number:
            click.echo("")
        drawn = chart(
            _curves(store, metric, runs, axis, smooth),
            width=output.width(),
            height=lines,
            title=metric + (f", smoothed {smooth:g}" if smooth else ""),
            log=log,
            unicode=output.unicode_works(),
            **by_time,
        )
        output.emit_chart(drawn)


def _sorted(ctx: click.Context, words: tuple[str, ...]) -> tuple[list[str], list[Run]]:
    from gittrack.core.errors import RunNotFound

    metrics, runs = [words[0]], []
    for word in words[1:]:
        try:
            runs.append(options.resolve(ctx, word))
        except RunNotFound:
            if word.startswith("@"):
                raise
            metrics.append(word)
    return metrics, runs or [options.resolve(ctx, "@last")]


def _check(metrics: list[str], runs: list[Run]) -> None:
    from gittrack.query.curve import unknown_metric

    known = list(dict.fromkeys(key for run in runs for key in run.metrics))
    for metric in metrics:
        if metric not in known:
            raise unknown_metric(metric, known)


def _curves(
    store: RunStore, metric: str, runs: list[Run], axis: Literal["step", "time"], weight: float
) -> list[Curve]:
    from gittrack.query.curve import points, smooth, x_values
    from gittrack.terminal.chart import Curve
    from gittrack.terminal.compare_table import heading

    curves = []
    for run in runs:
        series = min(
            (one for one in store.series(run.id) if one.key == metric), key=lambda one: one.rank, default=None
        )
        drawn = (
            [] if series is None else points(x_values(series.effective(), axis), series.effective().values)
        )
        curves.append(Curve(heading(run), smooth(drawn, weight)))
    return curves
