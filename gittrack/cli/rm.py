"""`gittrack rm`."""

from __future__ import annotations

import click

from gittrack.cli import changes, options


@options.verb("rm")
@options.run_argument("runs", nargs=-1)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also runs that a registered model is of.")
@options.json_option
def command(
    ctx: click.Context, runs: tuple[str, ...], *, yes: bool, force: bool, as_json: bool
) -> int | None:
    """Hide runs.

    Nothing is lost: `gittrack ls --deleted` lists them, `gittrack restore RUN` shows them again. Registered
    models keep the artifacts of their runs.
    """
    from gittrack.tracking import edit

    run_ids = changes.resolve_all(ctx, runs)
    if not changes.confirmed(f"Hide {len(run_ids)} runs?", len(run_ids), yes=yes):
        click.echo("nothing changed", err=True)
        return 1
    edit.hide(options.store(ctx), run_ids, force=force)
    changes.report(ctx, run_ids, "removed", as_json=as_json)
    click.echo("`gittrack restore RUN` brings a run back.", err=True)
    return None
