"""`gittrack readme`."""

from __future__ import annotations

import click

from gittrack.cli import options
from gittrack.cli.listed import columns_option, sort_option


@options.verb("readme")
@options.filter_argument
@options.experiment_option
@click.option(
    "-n", "limit", type=click.IntRange(1, 1000), default=20, metavar="N", show_default=True, help="Runs."
)
@sort_option
@columns_option
@click.option("--print", "printed", is_flag=True, help="Print it and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite one that was written by hand.")
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    filters: tuple[str, ...],
    experiments: tuple[str, ...],
    limit: int,
    columns: str | None,
    sort: tuple[str, ...],
    *,
    printed: bool,
    force: bool,
) -> None:
    """Write a leaderboard as the README of the runs branch, which hosts show as its front page.

    Without --sort the first metric that has a goal in gittrack.yaml ranks the runs, else their age.
    It is committed to gittrack/runs of this clone, never to a topic; `gittrack push` shares it.
    """
    from gittrack.ci import front_page
    from gittrack.core.times import now_ms

    names = [name.strip() for name in (columns or "").split(",") if name.strip()]
    store = options.store(ctx)
    text = front_page.leaderboard(
        store,
        options.joined(filters),
        experiments=experiments or None,
        order_by=sort,
        columns=["id", *names] if names and "id" not in names else names,
        limit=limit,
        now=now_ms(),
    )
    options.tell_problems(store)
    if printed:
        click.echo(text, nl=False)
    elif front_page.publish(store, text, force=force):
        click.echo("README.md of gittrack/runs is written; `gittrack push` shares it.", err=True)
    else:
        click.echo("README.md of gittrack/runs is as it should be.", err=True)
