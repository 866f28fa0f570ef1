"""Output of other programs, shown without what could take over the terminal."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from gittrack.cli import output
from gittrack.core.errors import GitTrackError
from gittrack.terminal.escape import block

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

OUTPUT = "output.log"
_COLOUR = re.compile("(\x1b\\[[0-9;]{0,40}m)")


def emit_output(store: RunStore, run: Run) -> None:
    """Print what a run printed: as it was into a pipe, harmless on a terminal.

    Raises:
        GitTrackError: it is not here.
    """
    data = _read(store, run)
    if output.is_terminal():
        colours = output.colours()
        click.echo(harmless(data.decode(errors="replace"), colours=colours), nl=False, color=colours)
    else:
        sys.stdout.buffer.write(data)


def harmless(text: str, *, colours: bool) -> str:
    """Text with its colours kept or dropped, and every other control sequence made visible.

    Of a line that was written over (a progress bar), what stood last.
    """
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    pieces = _COLOUR.split("\n".join(lines))
    return "".join(
        (piece if colours else "") if place % 2 else block(piece) for place, piece in enumerate(pieces)
    ) + ("\x1b[0m" if colours and len(pieces) > 1 else "")


def _read(store: RunStore, run: Run) -> bytes:
    live = store.live_directory(run.id) / OUTPUT
    if live.is_file():
        return live.read_bytes()
    for one in run.artifacts:
        if one.path == OUTPUT and store.objects.has(one.sha256):
            return store.objects.read(one.sha256)
        if one.path == OUTPUT:
            msg = f"the output of {run.id} is not in this clone"
            raise GitTrackError(msg, hint=f"`gittrack artifacts get {run.id} {OUTPUT} -o -` fetches it")
    msg = f"run {run.id} has no captured output"
    raise GitTrackError(msg, hint="`gittrack run -- CMD` captures it")
