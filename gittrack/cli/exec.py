"""`gittrack exec`: what an engine runs for a submitted run; people have no use for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gittrack.cli import options

if TYPE_CHECKING:
    from gittrack.launch.backends.base import Ticket


@options.verb("exec", hidden=True)
@click.argument("ticket", required=False, type=click.Path(path_type=Path, dir_okay=False), metavar="[TICKET]")
def command(ctx: click.Context, ticket: Path | None) -> int:  # noqa: ARG001  the ticket says which repository
    """Do what a ticket says: the file, or what GITTRACK_TICKET holds.

    An engine runs this for `gittrack run --backend`. Exit status: that of the command.
    """
    from gittrack.launch.backends import job_files, work
    from gittrack.terminal.escape import line
    from gittrack.tracking.scheduler import tags_of

    found = _read(ticket)
    for name in (
        "GITTRACK_RUN_ID",
        "GITTRACK_PARENT_RUN_ID",
        "GITTRACK_JOURNAL",
        "GITTRACK_REPO",
        job_files.INLINE,
    ):
        os.environ.pop(name, None)  # an engine may pass on the submitter's, and this is a run of its own
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # of this process, so a text stream
    with job_files.alive(found):
        status = work.execute(
            found,
            enter=os.chdir,
            progress=lambda text: click.echo(line(text), err=True),
            tags=tags_of(os.environ),
        )
    job_files.keep_exit_code(Path(found.folder), status)
    return status


def _read(path: Path | None) -> Ticket:
    from gittrack.core.errors import UsageError
    from gittrack.launch.backends import job_files

    try:
        return job_files.read_ticket(path.read_bytes() if path else os.environ.get(job_files.INLINE, ""))
    except (OSError, ValueError) as error:
        msg = f"there is no ticket: {error}"
        raise UsageError(msg, hint="`gittrack run --backend NAME` writes one") from error
