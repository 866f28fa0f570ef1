"""`gittrack log`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.query.history import Happening
    from gittrack.store.runs import RunStore


@options.verb("log")
@options.run_argument(required=False, metavar="[RUN]")
@click.option(
    "-n",
    "limit",
    type=click.IntRange(min=1),
    default=50,
    metavar="N",
    show_default=True,
    help="Newest N only.",
)
@options.json_option
def command(ctx: click.Context, run: str | None, limit: int, *, as_json: bool) -> None:
    """Show the history of all runs, or of one run: its attempts and who changed what.

    Where two people changed the same thing, both values are there; the last one holds.
    """
    store = options.store(ctx)
    if run is not None:
        _one(store, options.resolve(ctx, run), as_json=as_json)
        return
    from gittrack.store.log import commits

    found = commits(store.git, limit)
    if as_json:
        output.emit_json_list(one.as_json() for one in found)
        return
    from gittrack.terminal.history import commit_table

    output.emit_table(commit_table(found), note="--json")


def _one(store: RunStore, run: Run, *, as_json: bool) -> None:
    happened = happenings(store, run)
    if as_json:
        output.emit_json_list(one.as_json() for one in happened)
        return
    from gittrack.terminal.history import happening_section

    output.emit_page([happening_section(f"{run.name} {run.id}".strip(), happened)])


def happenings(store: RunStore, run: Run) -> list[Happening]:
    """What happened to a run, committed or live."""
    from gittrack.core.errors import RunNotFound
    from gittrack.query.history import history

    try:
        known: Any = store.committed(run.id)
    except RunNotFound:
        return history(run, ())
    return history(known.first, known.edits, [attempt.run for attempt in known.attempts])
