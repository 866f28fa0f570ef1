"""`gittrack model trust`."""

from __future__ import annotations

import click

from gittrack.cli import options


@options.verb("trust")
@click.argument("model")
@click.option("-m", "--message", metavar="TEXT", help="Why, for yourself.")
def command(ctx: click.Context, model: str, message: str | None) -> None:
    """Let the code of a model run whenever it is loaded on this machine.

    MODEL may be the digest that an error has named. What is trusted is that content: a changed model is not.
    """
    from gittrack.artifacts.digests import is_digest
    from gittrack.models.api import folder_of
    from gittrack.models.digest import model_digest
    from gittrack.models.trust import trust, trust_file

    digest = model if is_digest(model) else model_digest(folder_of(model, None, options.state(ctx).repo))
    trust(digest, message or f"trusted: {model}")
    click.echo(f"trusted {digest[:16]}… in {trust_file()}", err=True)
