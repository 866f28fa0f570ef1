"""`gittrack check`."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.cli.reviewing import annotate, review_options, reviewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.query.review.review import Review


@options.verb("check")
@review_options
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML.")
@options.json_option
def command(ctx: click.Context, *, junit: Path | None, as_json: bool, **asked: Any) -> int:  # noqa: ANN401  click's
    """Hold the runs of a branch against a baseline, and fail when a gate does not hold.

    Gates are the goals in gittrack.yaml (`metrics`), its `gates`, and what --require says. Exit status: 0 all
    hold; 1 one does not; 3 there is no comparable baseline.
    """
    from gittrack.query.review.api import checked

    found = checked(reviewed(ctx, asked))
    if junit is not None:
        from gittrack.cli.report import write
        from gittrack.report.junit import junit_of

        write(junit, junit_of(found))
    if as_json:
        output.emit_json(found.as_json())
    else:
        from gittrack.terminal.review_page import page

        with _without_commands():
            output.emit_page(page(found))
    annotate(found)
    if found.exit_code == 3:  # noqa: PLR2004  no baseline
        _tell(found)
    return found.exit_code


def _tell(found: Review) -> None:
    from gittrack.cli import errors

    message, _, hint = found.no_base.partition("; ")
    errors.tell(f"no comparable baseline: {message}", hint or None)


@contextlib.contextmanager
def _without_commands() -> Iterator[None]:
    """Keep GitHub from taking names of runs that are printed in the block for commands of the workflow."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        yield
    finally:
        click.echo(f"::{token}::")
