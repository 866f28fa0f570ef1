"""`gittrack env rm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.launch.environments.kept import Kept


@options.verb("rm")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@options.json_option
def command(_ctx: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Remove environments. NAME may be the first digits of one; one in use is never removed."""
    from gittrack.launch.environments.kept import remove

    tell(remove(names), as_json=as_json)


def tell(gone: Sequence[Kept], *, as_json: bool) -> None:
    """Say which environments were removed."""
    if as_json:
        output.emit_json_list(one.to_json() for one in gone)
        return
    from gittrack.terminal.figures import size

    output.emit_lines(f"{one.digest[:12]}  {size(one.size)}" for one in gone)
    word = "environment" if len(gone) == 1 else "environments"
    click.echo(f"removed {len(gone)} {word} ({size(sum(one.size for one in gone))}).", err=True)
