"""`gittrack ls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.cli.listed import columns_option, sort_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run


@options.verb("ls")
@options.filter_argument
@options.experiment_option
@click.option(
    "-n",
    "limit",
    type=click.IntRange(min=0),
    default=50,
    metavar="N",
    show_default=True,
    help="Newest N only.",
)
@click.option("--all", "everything", is_flag=True, help="All runs, not the newest 50.")
@click.option("--deleted", is_flag=True, help="Removed runs too.")
@click.option(
    "--of", "brought", metavar="TOPIC", help="Only runs that a topic brings, see `gittrack branch`."
)
@sort_option
@columns_option
@options.format_options("json", "csv", "md", "ids")
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    filters: tuple[str, ...],
    experiments: tuple[str, ...],
    limit: int,
    columns: str | None,
    sort: tuple[str, ...],
    shape: str | None,
    *,
    brought: str | None,
    everything: bool,
    deleted: bool,
) -> None:
    """List runs, the newest first.

    FILTER reads like: metrics.acc > 0.9 and (params.lr = 0.1 or tags.owner = 'ada')
    """
    from gittrack.query import search
    from gittrack.query.elsewhere import fetched_runs

    store, ids = options.store(ctx), None
    if brought is not None:
        from gittrack.query.brought import brought as of_topic

        store, ids = of_topic(store, brought)
    runs = search.search(
        store,
        options.joined(filters),
        experiments=experiments or None,
        order_by=sort,
        limit=None if everything else limit,
        deleted=deleted,
        ids=ids,
        elsewhere=[one.run for one in fetched_runs(store)],
    )
    options.tell_problems(store)
    if shape == "json":
        from gittrack.core.public import record

        output.emit_json_list(record(run) for run in runs)
    elif shape == "ids":
        output.emit_lines(run.id for run in runs)
    elif shape == "csv" and not columns:
        _csv(runs)
    else:
        names = [name.strip() for name in (columns or "").split(",") if name.strip()]
        _table(runs, names, store.config.get("metrics"), shape)


def _csv(runs: Sequence[Run]) -> None:
    from gittrack.core.public import flat
    from gittrack.terminal.table import as_csv

    rows = [flat(run) for run in runs]
    header = list(dict.fromkeys(name for row in rows for name in row))
    output.emit_lines(as_csv(header, ([row.get(name) for name in header] for row in rows)))


def _table(runs: Sequence[Run], names: Sequence[str], rules: object, shape: str | None) -> None:
    from gittrack.core.times import now_ms
    from gittrack.terminal import listing

    if not runs and shape is None:
        click.echo("no runs", err=True)
        return
    eyes = shape is None and output.is_terminal()
    table = listing.table(
        runs,
        now=now_ms(),
        rules=rules if isinstance(rules, dict) else {},
        columns=names,
        marks=eyes and output.unicode_works(),
    )
    output.emit_table(table, shape, note="--columns or --json")
