"""`--env` of `gittrack model serve` and `predict`: the same command again, in the model's environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OPTION = click.option(
    "--env",
    type=click.Choice(["local", "uv"]),
    default="local",
    show_default=True,
    help="Run here, or in the environment that the model asks for, made by uv.",
)


def run_there(ctx: click.Context, verb: str, folder: Path, extras: Sequence[str] = (), **more: str) -> None:
    """Run the verb of this command line in the environment of a model, and end as it ends.

    Args:
        ctx: click's context of the verb.
        verb: of `gittrack model`.
        folder: of the model, in place of the first argument.
        extras: of gittrack that it needs.
        more: options to be added, by their names.
    """
    from gittrack.models.environment import run_in_environment
    from gittrack.tracking.signals import die_of

    words = [
        "model",
        verb,
        *(f"--{name}={value}" for name, value in more.items()),
        *words_of(ctx, str(folder)),
    ]
    code = run_in_environment(folder, words, environ=os.environ, extras=extras, progress=_say)
    if code < 0:
        die_of(-code)
    ctx.exit(code)


def words_of(ctx: click.Context, first: str) -> list[str]:
    """The words of a command line, `--env` and `--name` apart, and with another first argument."""
    options: list[str] = []
    arguments: list[str] = []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param, click.Argument):
            arguments.append(str(value))
        elif param.name not in {"env", "name"} and _was_said(ctx, param):
            options += _option(max(param.opts, key=len), value)
    return [*options, "--", first, *arguments[1:]]


def _was_said(ctx: click.Context, param: click.Parameter) -> bool:
    return ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE


def _option(name: str, value: Any) -> list[str]:  # noqa: ANN401  of any type
    if isinstance(value, bool):
        return [name] if value else []
    if isinstance(value, tuple):
        return [word for one in value for word in _option(name, one)]
    return [f"{name}={value}"] if name.startswith("--") else [f"{name}{value}"]


def _say(text: str) -> None:
    click.echo(text, err=True)
