"""`gittrack model note`."""

from __future__ import annotations

from typing import IO

import click

from gittrack.cli import options, output
from gittrack.cli.registered import branch_option
from gittrack.terminal.escape import block, line


@options.verb("note")
@click.argument("version", metavar="NAME[/VERSION]")
@click.argument("text", required=False)
@click.option(
    "--file", type=click.File("r", encoding="utf-8"), help="Read it from a file, - for standard input."
)
@branch_option
@options.json_option
def command(
    ctx: click.Context,
    version: str,
    text: str | None,
    file: IO[str] | None,
    branch: str | None,
    *,
    as_json: bool,
) -> None:
    """Write a note on a version, or on the whole model; show it without TEXT.

    A note is Markdown; an empty TEXT takes it away.
    """
    from gittrack.models.registry.api import edit_model, note_of

    if text is not None and file is not None:
        error = click.UsageError("TEXT and --file exclude each other", ctx)
        raise error
    given = text if file is None else file.read()
    repo = options.state(ctx).repo
    if given is None:
        note = note_of(version, repo=repo)
        if as_json:
            output.emit_json(note)
        elif note:
            click.echo(block(note))
        return
    done = edit_model(version, note=given.rstrip("\n"), branch=branch, repo=repo)
    if as_json:
        output.emit_json(done.to_record())
    else:
        click.echo(f"noted on {line(version)}", err=True)
