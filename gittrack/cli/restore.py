"""`gittrack restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.cli import changes, options

if TYPE_CHECKING:
    import click


@options.verb("restore")
@options.run_argument("runs", nargs=-1)
@options.json_option
def command(ctx: click.Context, runs: tuple[str, ...], *, as_json: bool) -> None:
    """Show hidden runs again."""
    from gittrack.query import select
    from gittrack.tracking import edit

    store = options.store(ctx)
    run_ids = list(dict.fromkeys(select.resolve(store, text, deleted=True).id for text in runs))
    edit.restore(store, run_ids)
    changes.report(ctx, run_ids, "restored", as_json=as_json)
