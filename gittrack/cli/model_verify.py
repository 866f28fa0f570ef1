"""`gittrack model verify`."""

from __future__ import annotations

import click

from gittrack.cli import options, output


@options.verb("verify")
@click.argument("model")
@options.json_option
def command(ctx: click.Context, model: str, *, as_json: bool) -> int:
    """Read a model again, and check the run, code and data that it comes from.

    Exits with 1 where something is there and is not what was recorded. What is not in this clone, or was
    never recorded, cannot be told, and is no failure.
    """
    from gittrack.models.provenance.verify import verify_model

    found = verify_model(model, repo=options.state(ctx).repo)
    if as_json:
        output.emit_json(found.to_record())
        return 1 if found.broken else 0
    from gittrack.terminal.chain_table import chain_table

    output.emit_table(chain_table(found.links))
    if found.broken:
        click.echo(f"{len(found.broken)} of {len(found.links)} links are broken.", err=True)
    return 1 if found.broken else 0
