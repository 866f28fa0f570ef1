"""`gittrack pull`."""

from __future__ import annotations

import click

from gittrack.cli import options, shared, transfers
from gittrack.cli.progress import ProgressLine


@options.verb("pull")
@click.argument("remote", required=False)
@click.option("--artifacts", is_flag=True, help="Fetch what the received runs name, too.")
@transfers.jobs_option
@options.json_option
def command(ctx: click.Context, remote: str | None, jobs: int, *, artifacts: bool, as_json: bool) -> None:
    """Fetch runs from a remote.

    REMOTE is the name of a remote, a Git URL or a path; without it the setting runs.remote, the upstream
    remote of the current branch, or origin.
    """
    from gittrack.store.sync import share

    store = options.store(ctx)
    with ProgressLine() as progress, transfers.TransferLine("fetching artifacts") as transfer:
        outcome = share.pull(
            store, remote, artifacts=artifacts, jobs=jobs, progress=progress, transfer=transfer
        )
    shared.report(outcome, as_json=as_json)
