"""`gittrack artifacts verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import changes, options, output, transfers
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.store.kept.verify import Verified


@options.verb("verify")
@options.run_argument("runs", nargs=-1, required=False)
@click.option("--store", "remote", is_flag=True, help="Check the store, not this machine.")
@transfers.jobs_option
@options.json_option
def command(ctx: click.Context, runs: tuple[str, ...], jobs: int, *, remote: bool, as_json: bool) -> int:
    """Read artifacts again and hold them against their digests.

    Exits with 1 where one has changed or is missing. On this machine only what is here is checked, unless
    RUNs are named; in the store everything must be there.
    """
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.verify import verify

    store = options.store(ctx)
    run_ids = changes.resolve_all(ctx, runs)
    with transfers.TransferLine("reading") as progress:
        found = verify(Kept(store), run_ids, store=remote, jobs=jobs, progress=progress)
    if as_json:
        output.emit_json(found.to_record())
    else:
        _tell(found)
    return 1 if found.faults else 0


def _tell(found: Verified) -> None:
    from gittrack.terminal.figures import size

    output.emit_lines(
        f"{one.state:8} {line(one.run_id)}  {line(one.path)}  {one.sha256}" for one in found.faults
    )
    where = "on this machine" if found.place == "here" else f"in {line(found.place)}"
    away = f", {found.away:,} are not on this machine" if found.away else ""
    bad = f", {len(found.faults):,} are not" if found.faults else ""
    click.echo(f"{found.ok:,} contents ({size(found.size)}) {where} are as recorded{bad}{away}.", err=True)
