"""`gittrack env prune`."""

from __future__ import annotations

import re

import click

from gittrack.cli import options
from gittrack.cli.env_rm import tell

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_UNUSED = 30.0 * 86400


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
def command(
    _ctx: click.Context, unused_for: float | None, max_size: int | None, keep: int | None, *, as_json: bool
) -> None:
    """Remove the least recently used environments; one in use is never removed.

    Without an option those go that were not used for 30 days.
    """
    from gittrack.launch.environments import kept

    if unused_for is None and max_size is None and keep is None:
        unused_for = _UNUSED
    tell(kept.prune(unused_for=unused_for, max_size=max_size, keep=keep), as_json=as_json)
