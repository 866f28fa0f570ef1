"""`gittrack rm`."""

from __future__ import annotations

import click

from gittrack.cli import changes, options


@options.verb("rm")
@options.run_argument("runs", nargs=-1)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.json_option
def command(ctx: click.Context, runs: tuple[str, ...], *, yes: bool, as_json: bool) -> int | None:
    """Hide runs.

    Nothing is lost: `gittrack ls --deleted` lists them, `gittrack restore RUN` shows them again.
    """
    from gittrack.tracking import edit

    run_ids = changes.resolve_all(ctx, runs)
    if not changes.confirmed(f"Hide {len(run_ids)} runs?", len(run_ids), yes=yes):
        click.echo("nothing changed", err=True)
        return 1
    edit.hide(options.store(ctx), run_ids)
    changes.report(ctx, run_ids, "removed", as_json=as_json)
    click.echo("`gittrack restore RUN` brings a run back.", err=True)
    return None
