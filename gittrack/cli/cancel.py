"""`gittrack cancel`."""

from __future__ import annotations

import click

from gittrack.cli import options


@options.verb("cancel")
@options.run_argument()
def command(ctx: click.Context, run: str) -> None:
    """End a RUN that an engine has, waiting or running.

    Its command gets a chance to end by itself, and what it logged is kept.
    """
    from gittrack.launch.backends import watching
    from gittrack.terminal.escape import line

    store = options.store(ctx, recover=False)
    found = store.get(store.expand(run)) if run[:1] != "@" else options.resolve(ctx, run)
    ended = watching.cancel(store, found.id)
    if ended is None:
        click.echo(f"run {line(found.id)} was asked to end", err=True)
    else:
        click.echo(f"run {line(ended.id)} is {line(ended.status)}", err=True)
