"""`gittrack model promote`."""

from __future__ import annotations

import click

from gittrack.cli import options
from gittrack.cli.registered import branch_option, expect_option, expected, message_option, report


@options.verb("promote")
@click.argument("version", metavar="NAME[/VERSION]")
@click.argument("alias")
@expect_option
@message_option
@branch_option
@click.option("--tag", is_flag=True, help="Make an annotated tag model/NAME@ALIAS/N, which may deploy it.")
@click.option("--sign", is_flag=True, help="The same, signed with your key.")
@options.json_option
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    version: str,
    alias: str,
    expect: int | None,
    message: str,
    branch: str | None,
    *,
    tag: bool,
    sign: bool,
    as_json: bool,
) -> None:
    """Let ALIAS name a version, the latest unless said.

    NAME@OTHER promotes what another alias names. For example: gittrack model promote churn/3 champion
    """
    from gittrack.models.registry.api import promote_model

    done = promote_model(
        version,
        alias,
        expect=expected(expect),
        message=message,
        branch=branch,
        tag=tag,
        sign=sign,
        repo=options.state(ctx).repo,
    )
    report(done, as_json=as_json)
