"""`gittrack env`: the environments of projects that are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.launch.environments.kept import Kept

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@click.group("env", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List and remove the environments of projects that are kept."""


@options.verb("ls")
@options.format_options("json", "csv", "md")
def ls(_ctx: click.Context, shape: str | None) -> None:
    """List the environments, the most recently used first."""
    from gittrack.launch.environments.kept import kept

    found = kept()
    if shape == "json":
        output.emit_json_list(one.to_json() for one in found)
        return
    if not found and shape is None:
        click.echo("no environments", err=True)
        return
    from gittrack.core.times import now_ms
    from gittrack.terminal import environments

    eyes = shape is None and output.is_terminal()
    output.emit_table(environments.table(found, now_ms(), short=eyes), shape, note="--json")


@options.verb("rm")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@options.json_option
def rm(_ctx: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Remove environments. NAME may be the first digits of one; one in use is never removed."""
    from gittrack.launch.environments.kept import remove

    _tell(remove(names), as_json=as_json)


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([mhdw])", value.strip(), re.ASCII)
    if found is None:
        msg = f"not a time like 30d, 36h or 30m: {value[:40]!r}"
        raise click.BadParameter(msg)
    return float(found[1]) * _UNITS[found[2]]


def _size(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    from gittrack.core.config_keys import size

    try:
        return None if value is None else size(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@options.verb("prune")
@click.option("--unused-for", callback=_seconds, metavar="TIME", help="Those unused for as long: 30d.")
@click.option("--max-size", callback=_size, metavar="SIZE", help="Until all together have no more: 20GB.")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="All but the N used last.")
@options.json_option
def prune(
    _ctx: click.Context, unused_for: float | None, max_size: int | None, keep: int | None, *, as_json: bool
) -> None:
    """Remove the least recently used environments; one in use is never removed.

    Without an option those go that were not used for 30 days.
    """
    from gittrack.launch.environments import kept

    if unused_for is None and max_size is None and keep is None:
        unused_for = 30.0 * _UNITS["d"]
    _tell(kept.prune(unused_for=unused_for, max_size=max_size, keep=keep), as_json=as_json)


def _tell(gone: Sequence[Kept], *, as_json: bool) -> None:
    if as_json:
        output.emit_json_list(one.to_json() for one in gone)
        return
    from gittrack.terminal.figures import size

    output.emit_lines(f"{one.digest[:12]}  {size(one.size)}" for one in gone)
    word = "environment" if len(gone) == 1 else "environments"
    click.echo(f"removed {len(gone)} {word} ({size(sum(one.size for one in gone))}).", err=True)


for _one in (ls, rm, prune):
    command.add_command(_one)
