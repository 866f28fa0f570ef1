"""`gittrack model history`."""

from __future__ import annotations

import click

from gittrack.cli import options, output


@options.verb("history")
@click.argument("name")
@options.format_options("json", "md")
def command(ctx: click.Context, name: str, shape: str | None) -> None:
    """Show what happened to a model: who registered, promoted and changed what, and why.

    Where two people moved an alias at the same time, both moves are there; the last one holds.
    """
    from gittrack.models.registry.api import model_history

    found = model_history(name, repo=options.state(ctx).repo)
    if shape == "json":
        output.emit_json_list(one.to_record() for one in found)
        return
    from gittrack.terminal.registry_tables import history_table

    output.emit_table(history_table(found), shape, note="--json")
