"""`gittrack artifacts get`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output, transfers
from gittrack.core.errors import UsageError
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.kept.writing import Written


@options.verb("get")
@options.run_argument()
@click.argument("paths", nargs=-1, metavar="[PATH|GLOB]…")
@click.option("-o", "target", metavar="DIR|-", help="Where to, - for standard output.")
@click.option("--force", is_flag=True, help="Write over files that are in the way.")
@transfers.jobs_option
@options.json_option
def command(
    ctx: click.Context,
    run: str,
    paths: tuple[str, ...],
    target: str | None,
    jobs: int,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Fetch artifacts of a run.

    PATH is an artifact, a file or folder in one, or a glob; without any the whole run is fetched, into a
    folder of its name. What is there already with the right content is not fetched again.
    """
    from gittrack.store.kept import writing
    from gittrack.store.kept.places import Kept

    store = options.store(ctx)
    found = options.resolve(ctx, run)
    with transfers.TransferLine("fetching") as progress:
        if target == "-":
            path, out = _one(paths, as_json=as_json), sys.stdout.buffer
            writing.stream(Kept(store), found, path, out, jobs=jobs, progress=progress)
            return
        folder = Path(target or ("." if paths else found.id))
        written = writing.get(Kept(store), found, paths, folder, force=force, jobs=jobs, progress=progress)
    if as_json:
        output.emit_json_list(one.to_record() for one in written)
    else:
        _tell(written)


def _one(paths: tuple[str, ...], *, as_json: bool) -> str:
    if len(paths) != 1 or as_json:
        msg = "-o - takes one PATH, and no --json"
        raise UsageError(msg, hint="name a folder with -o to fetch several")
    return paths[0]


def _tell(written: Sequence[Written]) -> None:
    from gittrack.terminal.figures import size

    output.emit_lines(line(str(one.target)) for one in written if one.new)
    new = [one for one in written if one.new]
    had = len(written) - len(new)
    there = f"; {had:,} were there already" if had else ""
    word = "file" if len(new) == 1 else "files"
    click.echo(f"fetched {len(new):,} {word} ({size(sum(one.size for one in new))}){there}.", err=True)
