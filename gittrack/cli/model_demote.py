"""`gittrack model demote`."""

from __future__ import annotations

import click

from gittrack.cli import options
from gittrack.cli.registered import branch_option, expect_option, expected, message_option, report


@options.verb("demote")
@click.argument("name")
@click.argument("alias")
@expect_option
@message_option
@branch_option
@options.json_option
def command(
    ctx: click.Context,
    name: str,
    alias: str,
    expect: int | None,
    message: str,
    branch: str | None,
    *,
    as_json: bool,
) -> None:
    """Take ALIAS away: it names no version then. Its history stays."""
    from gittrack.models.registry.api import demote_model

    repo = options.state(ctx).repo
    done = demote_model(name, alias, expect=expected(expect), message=message, branch=branch, repo=repo)
    report(done, as_json=as_json)
