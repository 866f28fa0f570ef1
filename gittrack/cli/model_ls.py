"""`gittrack model ls`."""

from __future__ import annotations

import click

from gittrack.cli import errors, options, output


@options.verb("ls")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@options.format_options("json", "md")
def command(ctx: click.Context, names: tuple[str, ...], shape: str | None) -> None:
    """List registered models: versions, aliases, runs.

    In NAME, * and ? stand for any characters. Versions that tags of GTO register are listed too.
    """
    from gittrack.models.registry.listing import find_models

    found = find_models(options.store(ctx), names)
    for problem in [line for model in found for line in model.problems]:
        errors.tell(problem, kind="warning: ")
    if shape == "json":
        output.emit_json_list(model.to_record() for model in found)
        return
    if not found and shape is None:
        click.echo("no models: `gittrack model register runs:/RUN/PATH NAME` adds one", err=True)
        return
    from gittrack.terminal.registry_tables import model_table

    eyes = shape is None and output.is_terminal()
    output.emit_table(model_table(found, short=eyes), shape, note="--json")
