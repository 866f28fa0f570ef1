"""`gittrack compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import drawing, options, output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.query.drawing.shapes import Sheet
    from gittrack.store.runs import RunStore

_COLUMN = 14  # columns of the terminal that a run takes side by side


@options.verb("compare")
@options.run_argument("words", nargs=-1, metavar="RUN…|FILTER")
@click.option("--all", "everything", is_flag=True, help="Rows that are the same in all runs, too.")
@click.option("--rows", is_flag=True, help="One run a row; so it is where runs side by side do not fit.")
@click.option(
    "--group-by",
    "by",
    metavar="WHAT",
    help="Groups with mean, deviation and n: param:NAME, tag:NAME, seeds, fingerprint, branch, …",
)
@click.option(
    "--importance",
    "metric",
    metavar="METRIC",
    help="How much each param explains of a metric.",
    shell_complete=options.metric_completion,
)
@drawing.file_options
@options.format_options("json", "csv", "md")
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    shape: str | None,
    svg: Path | None,
    png: Path | None,
    by: str | None,
    metric: str | None,
    **flags: bool,
) -> None:
    """Compare runs side by side, as far as they differ; or groups of runs.

    The best value of a metric is marked where the setting `metrics` gives it a goal. A picture (--svg,
    --png) has the metrics: a dot a run, or the mean of a group and its deviation.
    """
    from gittrack.query.compare.chosen import chosen

    if by is not None and metric is not None:
        msg = "--group-by and --importance do not go together"
        raise click.UsageError(msg, ctx)
    store = options.store(ctx)
    runs = chosen(store, words)
    if svg is not None or png is not None:
        drawing.write(_picture(store, runs, by, metric, everything=flags["everything"]), svg, png)
    elif by is not None:
        _groups(store, runs, by, shape)
    elif metric is not None:
        _importance(runs, metric, shape)
    else:
        _runs(store, runs, shape, **flags)


def _picture(
    store: RunStore, runs: Sequence[Run], by: str | None, metric: str | None, *, everything: bool
) -> Sheet:
    from gittrack.query.compare import pictures

    rules = store.config.get("metrics")
    if by is not None:
        from gittrack.query.compare.groups import grouped

        return pictures.groups_sheet(grouped(runs, by, store, rules))
    if metric is not None:
        from gittrack.query.compare.importance import importance

        return pictures.importance_sheet(importance(runs, metric), metric)
    from gittrack.query.compare.side_by_side import compare

    found = compare(runs, rules)
    return pictures.runs_sheet(found if everything else found.differing())


def _runs(store: RunStore, runs: Sequence[Run], shape: str | None, *, everything: bool, rows: bool) -> None:
    from gittrack.query.compare.side_by_side import compare

    found = compare(runs, store.config.get("metrics"))
    found = found if everything else found.differing()
    if shape == "json":
        output.emit_json(found.as_json())
        return
    from gittrack.terminal.compare_table import table

    rows = rows or (shape is None and output.is_terminal() and len(runs) > output.width() // _COLUMN)
    drawn = table(found, rows=rows, best="" if shape == "csv" else " *")
    output.emit_table(drawn, shape, note="--json" if rows else "--rows or --json")


def _groups(store: RunStore, runs: Sequence[Run], by: str, shape: str | None) -> None:
    from gittrack.query.compare.groups import grouped

    found = grouped(runs, by, store, store.config.get("metrics"))
    if shape == "json":
        output.emit_json(found.as_json())
        return
    from gittrack.terminal import group_table, table

    if shape == "csv":
        output.emit_lines(table.as_csv(*group_table.flat(found)))
    else:
        output.emit_table(group_table.table(found), shape, note="--json")


def _importance(runs: Sequence[Run], metric: str, shape: str | None) -> None:
    from gittrack.query.compare.importance import importance

    found = importance(runs, metric)
    if shape == "json":
        output.emit_json([one.as_json() for one in found])
        return
    from gittrack.terminal.group_table import importance_table

    output.emit_table(importance_table(found), shape, note="--json")
    if not found:
        click.echo("no param varies", err=True)
