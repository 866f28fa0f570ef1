"""A small run from start to committed: five params, five points; ours beside 1,000 and 100,000 others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import ask
from harness.results import Measured
from harness.synthetic_store import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context


def measure(context: Context) -> Iterator[Measured]:
    """The median run; peers in an empty store, which is the best case for them."""
    rounds = context.times(50, 10)
    if tool := context.ours:
        for count, limit in ((1000, "<= 10"), (max(2000, round(100_000 * context.scale)), "<= 15")):
            repository = filled(context, count)
            said = context.attempt(ask, tool, "runs", rounds, repository, context.home)
            figure = f"small run at {count:,} runs"
            yield Measured(figure, tool.name, said["median_ms"] if said else None, "ms", limit)
    for tool in context.loggers():
        repository = context.repository(f"small-{tool.name}")
        said = context.attempt(ask, tool, "runs", rounds, repository, context.home)
        note = "" if tool is context.ours else "no Git commit"
        yield Measured(
            "small run, empty store", tool.name, said["median_ms"] if said else None, "ms", "", note
        )
