"""`gittrack artifacts gc`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.cli.progress import ProgressLine
from gittrack.core.errors import UsageError
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.store.kept.decision import Collected


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def _grace(_ctx: click.Context, _param: click.Parameter, value: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([smhdw])", value.strip(), re.ASCII)
    if found is None:
        msg = f"not a time like 14d, 36h or 30m: {value[:40]!r}"
        raise click.BadParameter(msg)
    return float(found[1]) * _UNITS[found[2]]


@options.verb("gc")
@click.option("--store", "shared", is_flag=True, help="In the store that clones share.")
@click.option("--remote", metavar="REMOTE", help="Where the runs of others are pulled from, with --store.")
@click.option(
    "--grace", default="14d", show_default=True, callback=_grace, metavar="TIME", help="Keep what is younger."
)
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be removed.")
@click.option("--lost", is_flag=True, help="Go on where a directory's list of files is gone for good.")
@click.option("--sole", is_flag=True, help="No other repository uses the store any more.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.json_option
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    remote: str | None,
    grace: float,
    *,
    shared: bool,
    dry: bool,
    lost: bool,
    sole: bool,
    yes: bool,
    as_json: bool,
) -> int | None:
    """Remove artifacts that no run names.

    Runs of every branch, topic, inbox, remote and running process count. With --store the runs of others
    are pulled first. TIME reads like 14d, 36h or 30m.
    """
    from gittrack.store.kept.collect import collect_here, collect_store
    from gittrack.store.kept.places import Kept

    store = options.store(ctx)
    if not (dry or yes or output.is_terminal(sys.stdin)):
        msg = "removing needs --yes where nobody can be asked"
        raise UsageError(msg, hint="look first with --dry-run")
    kept = Kept(store)

    def collect(*, dry: bool) -> Collected:
        if not shared:
            return collect_here(kept, grace=grace, dry=dry, lost=lost)
        with ProgressLine() as progress:
            return collect_store(
                kept, grace=grace, dry=dry, lost=lost, sole=sole, remote=remote, progress=progress
            )

    found = collect(dry=True)
    if not dry and found.removed:
        if not (yes or click.confirm(f"Remove {_what(found)}?", default=False, err=True)):
            click.echo("nothing removed", err=True)
            return 1
        found = collect(dry=False)
    _tell(found, dry=dry, as_json=as_json)
    return None


def _tell(found: Collected, *, dry: bool, as_json: bool) -> None:
    if as_json:
        output.emit_json({**found.to_record(), "dry_run": dry})
        return
    from gittrack.terminal.figures import size

    if dry:
        output.emit_lines(f"{line(name)}  {size(count)}" for name, count in sorted(found.removed.items()))
    done = "would remove" if dry else "removed"
    young = f"; {found.young:,} that nobody names are younger than the grace period" if found.young else ""
    click.echo(f"{done} {_what(found)}; runs name {found.named:,}{young}.", err=True)


def _what(found: Collected) -> str:
    from gittrack.terminal.figures import size

    word = "object" if len(found.removed) == 1 else "objects"
    return f"{len(found.removed):,} {word} ({size(found.size)})"
