"""`gittrack plot`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import drawing, options, output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.query.drawing.shapes import Sheet
    from gittrack.query.plots.plotting import Plot
    from gittrack.store.runs import RunStore
    from gittrack.terminal.chart import Segment

_LEAST_HEIGHT = 10
_MARKDOWN = 100, 20  # columns and lines of a chart in characters


@dataclass(frozen=True)
class _Look:
    """How charts are drawn, and where to."""

    log: bool
    log_x: bool
    height: int | None
    svg: Path | None
    png: Path | None
    shape: str | None

    @property
    def file(self) -> Path | None:
        """The file to write, None for the screen."""
        return self.svg or self.png


@options.verb("plot")
@click.argument("words", nargs=-1, metavar="METRIC… [RUN|FILTER]…", shell_complete=options.plot_completion)
@click.option(
    "--x", "axis", default="step", show_default=True, metavar="AXIS", help="step, time, or a metric: epoch."
)
@click.option("--log", is_flag=True, help="Logarithmic y axis.")
@click.option("--log-x", is_flag=True, help="Logarithmic x axis.")
@click.option(
    "--smooth",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="WEIGHT",
    help="Exponential moving average: weight of the past, from 0 to below 1.",
)
@click.option(
    "--group-by",
    "by",
    metavar="WHAT",
    help="Mean and deviation of groups: param:NAME, tag:NAME, seeds, fingerprint, branch, …",
)
@click.option("--scatter", metavar="X:Y", help="One dot a run: a param or metric X against a metric Y.")
@click.option("--parallel", metavar="METRIC", help="One line a run through its params, to a metric.")
@click.option("--height", type=click.IntRange(min=5), metavar="N", help="Lines of a chart.")
@drawing.file_options
@options.format_options("json", "csv", "md")
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    axis: str,
    smooth: float,
    by: str | None,
    scatter: str | None,
    parallel: str | None,
    **look: Any,  # noqa: ANN401  click's
) -> None:
    """Draw metrics of runs over each other; of the last run when none is named.

    The first word is a metric; each further one is a run, a filter, or a metric when there is no such
    run. With --scatter and --parallel all words are runs and filters; all finished runs without any.
    """
    store, shown = options.store(ctx), _Look(**look)
    if scatter is not None or parallel is not None:
        runs = _all_of(store, words)
        if parallel is not None:
            _parallel(store, runs, parallel, shown)
        else:
            _plots([_scatter(ctx, store, runs, str(scatter), by)], shown)
        return
    if not words:
        msg = "name a metric"
        raise click.UsageError(msg, ctx)
    from gittrack.query.plots.plotting import metric_plot

    metrics, runs = _sorted(store, words)
    _check(metrics, runs)
    _plots(
        (metric_plot(store, metric, runs, axis=axis, weight=smooth, by=by) for metric in metrics),
        shown,
        len(metrics),
    )


def _sorted(store: RunStore, words: tuple[str, ...]) -> tuple[list[str], list[Run]]:
    from gittrack.core.errors import RunNotFound
    from gittrack.query.compare.chosen import chosen, is_filter

    metrics = [words[0]]
    runs: dict[str, Run] = {}
    for word in words[1:]:
        try:
            runs |= {run.id: run for run in chosen(store, [word])}
        except RunNotFound:
            if word.startswith("@") or is_filter(word):
                raise
            metrics.append(word)
    return metrics, list(runs.values()) or chosen(store, ["@last"])


def _all_of(store: RunStore, words: tuple[str, ...]) -> list[Run]:
    from gittrack.query.compare.chosen import chosen

    return chosen(store, words or ("status = 'finished'",))


def _check(metrics: list[str], runs: list[Run]) -> None:
    from gittrack.query.plots.curve import unknown_metric

    known = list(dict.fromkeys(key for run in runs for key in run.metrics))
    for metric in metrics:
        if metric not in known:
            raise unknown_metric(metric, known)


def _scatter(ctx: click.Context, store: RunStore, runs: Sequence[Run], text: str, by: str | None) -> Plot:
    from gittrack.query.plots.scatter import scatter_plot

    x, colon, y = text.partition(":")
    if not colon or not x or not y:
        msg = "--scatter takes X:Y, such as lr:loss"
        raise click.UsageError(msg, ctx)
    return scatter_plot(runs, x, y, by=by, store=store)


def _plots(plots: Iterable[Plot], look: _Look, count: int = 1) -> None:
    if look.shape == "md":
        _markdown(plots, look)
    elif look.shape is not None:
        _points(plots, look.shape)
    elif look.file is not None:
        _files([one.sheet(log_x=look.log_x, log_y=look.log) for one in plots], look)
    else:
        _screen(plots, look, count)


def _markdown(plots: Iterable[Plot], look: _Look) -> None:
    """Curves by Mermaid; dots, which it does not have, in characters."""
    from gittrack.report.plots import drawn_in_characters, markdown_of_plot

    for plot in plots:
        if all(curve.joined for curve in plot.curves):
            click.echo(markdown_of_plot(plot, log=look.log, log_x=look.log_x), nl=False)
        else:
            lines = _chart(plot, look, look.height or _MARKDOWN[1], _MARKDOWN[0], title="")
            click.echo(drawn_in_characters(plot.title, map(_plain, lines)), nl=False)


def _plain(segments: Sequence[Segment]) -> str:
    return "".join(one.text for one in segments)


def _chart(plot: Plot, look: _Look, height: int, width: int, title: str | None = None) -> list[list[Segment]]:
    from gittrack.terminal.chart import chart

    return chart(
        plot.curves,
        width=width,
        height=height,
        title=plot.title if title is None else title,
        log=look.log,
        log_x=look.log_x and not plot.names,
        unicode=output.unicode_works(),
        x_number=plot.x_number,
        x_label="" if plot.x_label in {"step", "time"} else plot.x_label,
    )


def _screen(plots: Iterable[Plot], look: _Look, count: int) -> None:
    lines = look.height or max(_LEAST_HEIGHT, min(output.height() - 2, 30) // count)
    for number, plot in enumerate(plots):
        if number:
            click.echo("")
        output.emit_chart(_chart(plot, look, lines, output.width()))


def _parallel(store: RunStore, runs: Sequence[Run], metric: str, look: _Look) -> None:
    from gittrack.query.plots.parallel import parallel

    found = parallel(runs, metric, rules=store.config.get("metrics"))
    if look.file is not None:
        from gittrack.query.drawing.parallel import sheet

        _files([sheet(found.rails, found.quarters, title=metric)], look)
        return
    from gittrack.terminal.parallel import parallel_chart

    unicode = output.unicode_works()
    if look.shape == "md":
        from gittrack.report.plots import drawn_in_characters

        drawn = parallel_chart(found, width=_MARKDOWN[0], height=look.height or _MARKDOWN[1], unicode=unicode)
        click.echo(drawn_in_characters(metric, map(_plain, drawn)), nl=False)
        return
    lines = look.height or min(output.height() - 2, 30)
    output.emit_chart(parallel_chart(found, width=output.width(), height=lines, unicode=unicode))


def _files(sheets: Sequence[Sheet], look: _Look) -> None:
    """Write one file a chart, numbered where there are several."""
    for number, sheet in enumerate(sheets, 1):
        drawing.write(
            sheet, *(_numbered(path, number if len(sheets) > 1 else 0) for path in (look.svg, look.png))
        )


def _numbered(path: Path | None, number: int) -> Path | None:
    return path.with_stem(f"{path.stem}-{number}") if path is not None and number else path


def _points(plots: Iterable[Plot], shape: str) -> None:
    """The points that would be drawn, all of them."""
    from gittrack.terminal.table import as_csv

    rows = (
        (plot.title, curve.name, plot.names[int(x)] if plot.names else x, y)
        for plot in plots
        for curve in plot.curves
        for x, y in curve.points
    )
    if shape == "csv":
        output.emit_lines(as_csv(("chart", "curve", "x", "y"), rows))
    else:
        output.emit_json_list(dict(zip(("chart", "curve", "x", "y"), row, strict=True)) for row in rows)
