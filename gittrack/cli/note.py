"""`gittrack note`."""

from __future__ import annotations

from typing import IO

import click

from gittrack.cli import changes, options
from gittrack.terminal.escape import block


@options.verb("note")
@options.run_argument()
@click.argument("text", required=False)
@click.option("-e", "--edit", "editor", is_flag=True, help="Write it in your editor.")
@click.option(
    "--file", type=click.File("r", encoding="utf-8"), help="Read it from a file, - for standard input."
)
@options.json_option
def command(
    ctx: click.Context, run: str, text: str | None, file: IO[str] | None, *, editor: bool, as_json: bool
) -> None:
    """Write a note on a run, or show the one it has.

    A note is Markdown; an empty TEXT takes it away.
    """
    from gittrack.tracking import edit

    if (text is not None) + (file is not None) + editor > 1:
        error = click.UsageError("TEXT, --edit and --file exclude each other", ctx)
        raise error
    found = options.resolve(ctx, run)
    given = text if file is None else file.read()
    if editor:
        given = click.edit(found.note, extension=".md")
        if given is None:
            click.echo("nothing changed", err=True)
            return
    if given is not None:
        edit.note(options.store(ctx), [found.id], given.rstrip("\n"))
        changes.report(ctx, [found.id], "noted on", as_json=as_json)
    elif as_json:
        changes.report(ctx, [found.id], "", as_json=True)
    elif found.note:
        click.echo(block(found.note))
