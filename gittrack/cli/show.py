"""`gittrack show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore
    from gittrack.terminal.page import Section


@options.verb("show")
@options.run_argument()
@options.format_options("json", "csv")
@click.option(
    "--metrics",
    "metric",
    metavar="KEY",
    help="The points of one metric instead.",
    shell_complete=options.metric_completion,
)
@click.option("--environment", is_flag=True, help="The recorded environment instead.")
@click.option("--output", "captured", is_flag=True, help="The captured output instead.")
@click.option(
    "--lineage", is_flag=True, help="The runs that made its inputs, and those that used its artifacts."
)
def command(
    ctx: click.Context,
    run: str,
    shape: str | None,
    metric: str | None,
    *,
    environment: bool,
    captured: bool,
    lineage: bool,
) -> None:
    """Show one run: params, metrics, code, environment, artifacts and history."""
    store = options.store(ctx)
    found = options.resolve(ctx, run)
    if metric is not None:
        _points(store, found, metric, shape)
    elif environment:
        _environment(store, found, shape)
    elif captured:
        from gittrack.cli.captured import emit_output

        emit_output(store, found)
    elif lineage:
        _lineage(store, found, shape)
    elif shape == "json":
        from gittrack.core.public import record

        output.emit_json(record(found, detail=True))
    elif shape == "csv":
        msg = "--csv goes with --metrics"
        raise click.UsageError(msg, ctx)
    else:
        _page(store, found)


def _page(store: RunStore, run: Run) -> None:
    from gittrack.cli.log import happenings
    from gittrack.core.times import now_ms
    from gittrack.terminal.show_page import page

    edits = [one for one in happenings(store, run) if one.kind not in {"start", "end"} or run.attempt > 1]
    sections = page(
        run,
        now=now_ms(),
        series=store.series(run.id),
        environment=store.environment(run.id),
        edits=edits,
        unicode=output.unicode_works(),
    )
    output.emit_page([*sections, *_verdict(store, run)])


def _verdict(store: RunStore, run: Run) -> list[Section]:
    """What a reproduction found, in full."""
    if "gittrack.verdict" not in run.tags or store.is_live(run.id):
        return []
    from gittrack.core.errors import GitTrackError
    from gittrack.query.verdict.kept import kept
    from gittrack.terminal.reproduce import section

    try:
        return [section(kept(store, run.id))]
    except GitTrackError:  # its tags are shown all the same
        return []


def _lineage(store: RunStore, run: Run, shape: str | None) -> None:
    from gittrack.query.lineage import lineage

    found = lineage(store, run)
    if shape == "json":
        output.emit_json(found.as_json())
        return
    from gittrack.terminal.lineage_page import page

    output.emit_page(page(found, unicode=output.unicode_works()))


def _points(store: RunStore, run: Run, key: str, shape: str | None) -> None:
    from gittrack.core.text import number_out
    from gittrack.core.times import iso
    from gittrack.query.plots.curve import series_of
    from gittrack.terminal.table import Cell, Column, Table

    rows: list[tuple[object, ...]] = [
        (one.rank, step, number_out(value), iso(time))
        for one in series_of(store.series(run.id), key)
        for step, value, time in zip(one.steps, one.values, one.times, strict=True)
    ]
    names: tuple[str, ...] = ("rank", "step", "value", "time")
    if shape == "json":
        output.emit_json_list(dict(zip(names, row, strict=True)) for row in rows)
        return
    if not any(row[0] for row in rows):  # one process: one column less
        names, rows = names[1:], [row[1:] for row in rows]
    columns = zip(*rows, strict=True)
    titled = zip(names, columns, strict=True)
    table = Table(
        tuple(Column(name, [Cell(str(one)) for one in cells], right=True) for name, cells in titled)
    )
    output.emit_table(table, shape, note="--json")


def _environment(store: RunStore, run: Run, shape: str | None) -> None:
    document = store.environment(run.id)
    if shape == "json":
        output.emit_json(document)
        return
    from gittrack.core.text import dump
    from gittrack.terminal.escape import block

    click.echo(block(dump(document).decode()) if document else "no environment was recorded", nl=not document)
