"""`gittrack push`."""

from __future__ import annotations

import click

from gittrack.cli import options, shared
from gittrack.cli.progress import ProgressLine


@options.verb("push")
@click.argument("remote", required=False)
@options.json_option
def command(ctx: click.Context, remote: str | None, *, as_json: bool) -> None:
    """Send runs to a remote, and take those of others along.

    REMOTE is the name of a remote, a Git URL or a path; without it the setting runs.remote, the upstream
    remote of the current branch, or origin.
    """
    from gittrack.store.sync import share

    store = options.store(ctx)
    with ProgressLine() as progress:
        outcome = share.push(store, remote, progress=progress)
    shared.report(outcome, as_json=as_json)
