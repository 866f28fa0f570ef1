"""`gittrack push`."""

from __future__ import annotations

import click

from gittrack.cli import options, shared, transfers
from gittrack.cli.progress import ProgressLine


@options.verb("push")
@click.argument("remote", required=False)
@click.option("--artifacts/--no-artifacts", default=True, help="Whether to send artifacts, too.")
@transfers.jobs_option
@options.json_option
def command(ctx: click.Context, remote: str | None, jobs: int, *, artifacts: bool, as_json: bool) -> None:
    """Send runs to a remote, and take those of others along.

    What the runs name goes to the artifact store (the setting artifacts.url) first, so that whoever sees
    a run finds its artifacts.

    REMOTE is the name of a remote, a Git URL or a path; without it the setting runs.remote, the upstream
    remote of the current branch, or origin.
    """
    from gittrack.store.sync import share

    store = options.store(ctx)
    with ProgressLine() as progress, transfers.TransferLine("sending artifacts") as transfer:
        outcome = share.push(
            store, remote, artifacts=artifacts, jobs=jobs, progress=progress, transfer=transfer
        )
    shared.report(outcome, as_json=as_json)
    if outcome.artifacts.stayed and artifacts and not as_json:
        click.echo("`gittrack config artifacts.url URL` names a store for them.", err=True)
