"""`gittrack rename`."""

from __future__ import annotations

import click

from gittrack.cli import changes, options


@options.verb("rename")
@options.run_argument()
@click.argument("name")
@options.json_option
def command(ctx: click.Context, run: str, name: str, *, as_json: bool) -> None:
    """Give a run another name."""
    from gittrack.tracking import edit

    found = options.resolve(ctx, run)
    edit.rename(options.store(ctx), found.id, name)
    changes.report(ctx, [found.id], "renamed", as_json=as_json)
