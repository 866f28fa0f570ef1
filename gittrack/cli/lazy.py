"""A group of verbs, each a file of its own that is imported when the verb is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import click

from gittrack.cli import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """Knows its verbs by name.

    Args:
        verbs: name to the module of `gittrack.cli` that has it as `command`, in the order of the help.
        hidden: the same of verbs that programs call, not people.
    """

    def __init__(
        self,
        *words: Any,  # noqa: ANN401  click's
        verbs: Mapping[str, str],
        hidden: Mapping[str, str] | None = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*words, **options)
        self.verbs = dict(verbs)
        self.hidden_verbs = dict(hidden or {})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the signature is click's
        """All verbs, in the order of the help."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb of that name."""
        module = self.verbs.get(cmd_name) or self.hidden_verbs.get(cmd_name)
        return (
            None if module is None else cast("click.Command", import_module(f"gittrack.cli.{module}").command)
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments begin with.

        Raises:
            click.UsageError: there is none of that name; says which one is near.
        """
        name = args[0]
        if name not in self.verbs and name not in self.hidden_verbs and not name.startswith("-"):
            raise errors.unknown_verb(name, self.verbs, ctx)
        return super().resolve_command(ctx, args)
