"""Options of verbs that write charts to files, and the writing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittrack.query.drawing.shapes import Sheet

F = TypeVar("F", bound="Callable[..., Any]")
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


def file_options(function: F) -> F:
    """`--svg FILE` and `--png FILE`, as arguments `svg` and `png`."""
    svg = click.option("--svg", type=_FILE, metavar="FILE", help="Write SVG instead.")
    png = click.option("--png", type=_FILE, metavar="FILE", help="Write PNG instead (needs gittrack[png]).")
    return svg(png(function))


def write(sheet: Sheet, svg: Path | None, png: Path | None) -> None:
    """Write a chart to the files that are asked for, and say so.

    Raises:
        MissingPillow: PNG, and the extra is not installed.
    """
    from gittrack.core.files import write_atomic
    from gittrack.query.plots.drawn import Drawing
    from gittrack.terminal.escape import line

    drawing = Drawing(sheet)
    for path, is_svg in ((svg, True), (png, False)):
        if path is not None:
            write_atomic(path, drawing.svg().encode() if is_svg else drawing.png())
            click.echo(f"wrote {line(path)}", err=True)
