"""`gittrack artifacts ls`."""

from __future__ import annotations

import click

from gittrack.cli import options, output


@options.verb("ls")
@options.run_argument()
@click.argument("path", required=False)
@click.option("--store", "ask", is_flag=True, help="Ask the store whether they are there.")
@options.format_options("json", "csv", "md")
def command(ctx: click.Context, run: str, path: str | None, shape: str | None, *, ask: bool) -> None:
    """List the artifacts of a run, and where each is.

    PATH is a directory artifact, a folder or a file in one, or a glob; it lists files. Where an artifact
    is: here (the local store), cache, branch (the runs branch), store, partly (a directory), elsewhere.
    """
    from gittrack.store.kept.listing import listing
    from gittrack.store.kept.places import Kept

    found = listing(Kept(options.store(ctx)), options.resolve(ctx, run), path, ask=ask)
    if shape == "json":
        output.emit_json_list(one.to_record() for one in found)
        return
    if not found and shape is None:
        click.echo("no artifacts", err=True)
        return
    from gittrack.terminal import artifacts

    eyes = shape is None and output.is_terminal()
    output.emit_table(artifacts.table(found, exact=shape == "csv", short=eyes), shape, note="--json")
