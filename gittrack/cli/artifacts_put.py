"""`gittrack artifacts put`."""

from __future__ import annotations

import click

from gittrack.cli import changes, options, output, transfers


@options.verb("put")
@options.run_argument("runs", nargs=-1, required=False)
@transfers.jobs_option
@options.json_option
def command(ctx: click.Context, runs: tuple[str, ...], jobs: int, *, as_json: bool) -> None:
    """Send artifacts that are here to the store.

    All that committed runs name, or the RUNs. `gittrack push` does this for what is new; this is for a
    store that lost something, or another one. Runs are not published.
    """
    from gittrack.store.kept import uploads
    from gittrack.store.kept.places import Kept

    store = options.store(ctx)
    run_ids = changes.resolve_all(ctx, runs)
    with transfers.TransferLine("sending artifacts") as progress:
        shipped = uploads.put(Kept(store), run_ids, jobs=jobs, progress=progress)
    if as_json:
        output.emit_json(shipped.to_record())
    else:
        click.echo(transfers.sent(shipped), err=True)
