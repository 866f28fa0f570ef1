"""`gittrack compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from gittrack.core.records import Run

_OPERATORS = ("=", "<", ">", " in ", " like ", " ilike ", " is ")


@options.verb("compare")
@options.run_argument("words", nargs=-1, metavar="RUN…|FILTER")
@click.option("--all", "everything", is_flag=True, help="Rows that are the same in all runs, too.")
@click.option("--rows", is_flag=True, help="One run a row.")
@options.format_options("json", "csv", "md")
def command(
    ctx: click.Context, words: tuple[str, ...], shape: str | None, *, everything: bool, rows: bool
) -> None:
    """Compare runs side by side, as far as they differ.

    The best value of a metric is marked where the setting `metrics` gives it a goal.
    """
    from gittrack.query.compare import compare

    runs = selected(ctx, words)
    found = compare(runs, options.store(ctx).config.get("metrics"))
    found = found if everything else found.differing()
    if shape == "json":
        output.emit_json(found.as_json())
        return
    from gittrack.terminal.compare_table import table

    output.emit_table(
        table(found, rows=rows, best="" if shape == "csv" else " *"), shape, note="--rows or --json"
    )


def selected(ctx: click.Context, words: tuple[str, ...]) -> list[Run]:
    """The runs that RUNs and FILTERs name, each once, in that order.

    Raises:
        RunNotFound, AmbiguousRun: a word names no run, or more than one.
        FilterError: a filter does not parse.
    """
    from gittrack.core.errors import RunNotFound
    from gittrack.query import search

    runs: dict[str, Run] = {}
    for word in words:
        try:
            found = [options.resolve(ctx, word)]
        except RunNotFound:
            if not any(operator in word.lower() for operator in _OPERATORS):
                raise
            found = search.search(options.store(ctx), word, limit=None)[::-1]
        runs |= {run.id: run for run in found}
    if not runs:
        msg = "no run matches"
        raise RunNotFound(msg, hint="`gittrack ls` shows what there is")
    return list(runs.values())
