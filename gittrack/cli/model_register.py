"""`gittrack model register`."""

from __future__ import annotations

from typing import Any

import click

from gittrack.cli import options, output
from gittrack.cli.registered import branch_option, message_option, tell_steps
from gittrack.terminal.escape import line


@options.verb("register")
@click.argument("model")
@click.argument("name")
@click.option("-a", "--alias", metavar="ALIAS", help="Names the version from now on.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Of the version (may be repeated).")
@click.option("--note", default="", metavar="TEXT", help="Of the version, Markdown.")
@message_option
@branch_option
@options.json_option
def command(
    ctx: click.Context,
    model: str,
    name: str,
    branch: str | None,
    *,
    as_json: bool,
    tags: tuple[str, ...],
    **given: Any,  # noqa: ANN401  options
) -> None:
    """Make a model of a run the next version of NAME.

    MODEL is runs:/RUN/PATH, runs:/RUN for the only model of a run, or models:/… for one that has a name. For
    example: gittrack model register runs:/@last/model churn --alias challenger
    """
    from gittrack.cli.run import pairs
    from gittrack.models.registry.api import register_model

    repo = options.state(ctx).repo
    made = register_model(model, name, tags=pairs(tags), branch=branch, repo=repo, **given)
    if as_json:
        output.emit_json(made.to_record())
        return
    aliases = f" ({', '.join(made.aliases)})" if made.aliases else ""
    click.echo(line(made.uri))
    click.echo(f"{line(made.shown)}{aliases} is runs:/{line(made.run_id)}/{line(made.path)}", err=True)
    if branch is not None:
        tell_steps(ctx, branch)
