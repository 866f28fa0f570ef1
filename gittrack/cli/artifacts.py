"""`gittrack artifacts`: a group of verbs, each a file of its own."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

from gittrack.cli import errors

PARTS = ("ls", "get", "put", "verify", "gc")


class _Parts(click.Group):
    """Imports a verb when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the signature is click's
        """All verbs, in the order of the help."""
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb of that name."""
        if cmd_name not in PARTS:
            return None
        return cast("click.Command", import_module(f"gittrack.cli.artifacts_{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments begin with.

        Raises:
            click.UsageError: there is none of that name; says which one is near.
        """
        if args[0] not in PARTS and not args[0].startswith("-"):
            raise errors.unknown_verb(args[0], PARTS, ctx)
        return super().resolve_command(ctx, args)


@click.group(
    "artifacts",
    cls=_Parts,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """List, get, send, check and collect artifacts.

    `gittrack config artifacts.url URL` names the store that clones share; `gittrack push` fills it.
    """
