"""What the verbs that change runs share: which runs, and what is said afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def resolve_all(ctx: click.Context, texts: Iterable[str]) -> list[str]:
    """The ids of the runs that are named, each once, in their order.

    Raises:
        RunNotFound, AmbiguousRun: one of them names no run, or more than one.
    """
    return list(dict.fromkeys(options.resolve(ctx, text).id for text in texts))


def report(ctx: click.Context, run_ids: Sequence[str], done: str, *, as_json: bool) -> None:
    """Say what was done, or print the records of the runs as they now are.

    Args:
        ctx: of the verb.
        run_ids: which runs.
        done: past tense (`tagged`).
        as_json: print records.
    """
    if as_json:
        from gittrack.core.public import record

        store = options.store(ctx)
        output.emit_json_list(record(store.get(run_id)) for run_id in run_ids)
    else:
        output.emit_lines(f"{done} {line(run_id)}" for run_id in run_ids)


def confirmed(question: str, count: int, *, yes: bool) -> bool:
    """Whether to go on: asks on a terminal where more than one run is concerned."""
    import sys

    if yes or count <= 1 or not output.is_terminal(sys.stdin):
        return True
    return click.confirm(question, default=False, err=True)
