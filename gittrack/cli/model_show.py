"""`gittrack model show`."""

from __future__ import annotations

import click

from gittrack.cli import options, output


@options.verb("show")
@click.argument("model")
@options.json_option
def command(ctx: click.Context, model: str, *, as_json: bool) -> None:
    """Show what a model is: flavors, signature, run, requirements, digest."""
    from gittrack.models.api import folder_of
    from gittrack.models.described import described

    found = described(folder_of(model, None, options.state(ctx).repo), model)
    if as_json:
        output.emit_json(found)
        return
    from gittrack.terminal.model_page import lines

    output.emit_lines(lines(found))
