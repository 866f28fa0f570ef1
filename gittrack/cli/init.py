"""`gittrack init`."""

from __future__ import annotations

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line


@options.verb("init")
@click.option("--undo", is_flag=True, help="Take back what init wrote into Git's configuration.")
@options.json_option
def command(ctx: click.Context, *, undo: bool, as_json: bool) -> None:
    """Prepare this repository for sharing runs.

    Plain `git fetch` brings runs from then on. Everything else works without it, and it may be repeated.
    """
    from gittrack.store.sync import setup

    git = options.store(ctx).git
    said = setup.deinitialise(git) if undo else setup.initialise(git)
    if as_json:
        output.emit_json(said)
        return
    output.emit_lines(map(line, said))
    if not said:
        click.echo("Nothing to do.", err=True)
