"""`gittrack env ls`."""

from __future__ import annotations

import click

from gittrack.cli import options, output


@options.verb("ls")
@options.format_options("json", "csv", "md")
def command(_ctx: click.Context, shape: str | None) -> None:
    """List the environments, the most recently used first."""
    from gittrack.launch.environments.kept import kept

    found = kept()
    if shape == "json":
        output.emit_json_list(one.to_json() for one in found)
        return
    if not found and shape is None:
        click.echo("no environments", err=True)
        return
    from gittrack.core.times import now_ms
    from gittrack.terminal import environments

    eyes = shape is None and output.is_terminal()
    output.emit_table(environments.table(found, now_ms(), short=eyes), shape, note="--json")
