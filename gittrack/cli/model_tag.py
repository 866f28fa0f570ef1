"""`gittrack model tag`."""

from __future__ import annotations

import click

from gittrack.cli import options, output
from gittrack.cli.registered import branch_option
from gittrack.terminal.escape import line


@options.verb("tag")
@click.argument("version", metavar="NAME[/VERSION]")
@click.argument("words", nargs=-1, metavar="[KEY=VALUE]…")
@click.option("--remove", multiple=True, metavar="KEY", help="Take this tag away (may be repeated).")
@branch_option
@options.json_option
def command(
    ctx: click.Context,
    version: str,
    words: tuple[str, ...],
    remove: tuple[str, ...],
    branch: str | None,
    *,
    as_json: bool,
) -> None:
    """Set or remove tags of a version, or of the whole model.

    For example: gittrack model tag churn/3 approved-by=ada --remove draft
    """
    from gittrack.cli.run import pairs
    from gittrack.models.registry.api import edit_model

    done = edit_model(
        version, tags=pairs(words), remove_tags=remove, branch=branch, repo=options.state(ctx).repo
    )
    if as_json:
        output.emit_json(done.to_record())
    else:
        click.echo(f"tagged {line(version)}", err=True)
