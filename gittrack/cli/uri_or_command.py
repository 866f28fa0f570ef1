"""Verbs that take a project, or a command after `--`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

DASHES = "gittrack.dashes"
"""Of a context's `meta`: whether `--` stood before the words."""


class UriOrCommand(click.Command):
    """A command that knows whether `--` stood before its words: then they are a command, else a URI."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual; before a command options end at the first word, a URI may stand anywhere."""
        given = list(args)
        ctx.allow_interspersed_args = False
        rest = super().parse_args(ctx, args)
        words = ctx.params.get("words") or ()
        first = len(given) - len(words)
        ctx.meta[DASHES] = given[first - 1 : first] == ["--"]
        if len(words) > 1 and not ctx.meta[DASHES]:
            return self._with_options_behind(ctx, given, words)
        return rest

    def _with_options_behind(self, ctx: click.Context, given: list[str], words: Sequence[str]) -> list[str]:
        ctx.allow_interspersed_args = True
        ctx.params.clear()
        try:
            rest = super().parse_args(ctx, list(given))
        except click.UsageError:
            if _is_place(words[0]):
                raise
            raise _misplaced(ctx, words) from None
        if len(ctx.params["words"]) > 1:
            raise _misplaced(ctx, words)
        return rest


def _is_place(word: str) -> bool:
    return "://" in word or "#" in word or Path(word).is_dir()


def _misplaced(ctx: click.Context, words: Sequence[str]) -> Exception:
    import shlex

    from gittrack.core.errors import UsageError

    msg = f"`--` must stand before the command: {words[0]}"
    return UsageError(msg, hint=f"gittrack {ctx.info_name} … -- {shlex.join(words)}")
