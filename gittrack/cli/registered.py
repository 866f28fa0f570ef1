"""What the verbs that change the registry share: options, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.models.registry.listing import AliasChange

branch_option = click.option(
    "--branch", metavar="BRANCH", help="Leave it on gittrack/BRANCH, for a pull request."
)
message_option = click.option("-m", "--message", default="", metavar="TEXT", help="Why.")


def _number(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """The number of a version; 0 for `none`."""
    if value is None or value.lower() == "none":
        return None if value is None else 0
    digits = value.lower().removeprefix("v")
    if not (digits.isascii() and digits.isdecimal() and int(digits)):
        msg = f"{value!r} is neither the number of a version nor none"
        raise click.BadParameter(msg)
    return int(digits)


expect_option = click.option(
    "--expect", callback=_number, metavar="N|none", help="Only if the alias names this version now."
)


def expected(given: int | None) -> int | None:
    """What `promote` and `demote` take of `--expect`."""
    from gittrack.models.registry.api import ANY

    if given is None:
        return ANY
    return given or None


def report(change: AliasChange, *, as_json: bool) -> None:
    """Say what became of an alias."""
    if as_json:
        output.emit_json(change.to_record())
        return
    name, alias = line(change.name), line(change.alias)
    was = "" if change.was is None else f", was {change.was}"
    if change.version is None:
        said = f"{alias} of {name} names no version now{was}"
    elif change.changed:
        said = f"{alias} of {name} is version {change.version}{was}"
    else:
        said = f"{alias} of {name} is version {change.version} already"
    where = f" on gittrack/{line(change.branch)}" if change.branch else ""
    click.echo(f"{said}{where}", err=True)
    if change.tag:
        click.echo(line(change.tag))
    _steps(change.next_steps, "Then" if change.tag else "For review")


def tell_steps(ctx: click.Context, branch: str) -> None:
    """Say how a change on a branch gets its review."""
    from gittrack.models.registry.pull_request import how_to_open

    _steps(how_to_open(options.store(ctx), branch), "For review")


def _steps(steps: Sequence[str], title: str) -> None:
    for number, step in enumerate(steps):
        click.echo(f"{title + ':' if not number else '':12}{line(step)}", err=True)
