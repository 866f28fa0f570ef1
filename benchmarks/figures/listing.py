"""`gittrack ls` over 100,000 runs, whole process; peers search 1,000 runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import ask, median_spent, spend
from harness.results import Measured
from harness.synthetic_store import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context
    from harness.environments import Tool

_SEARCH = ("ls", "metrics.acc > 0.5 and params.lr < 0.01", "--sort", "metrics.val/loss")


def measure(context: Context) -> Iterator[Measured]:
    """Rebuild, warm listing, filter with sort, memory; then what the peers can search."""
    if tool := context.ours:
        yield from _ours(context, tool)
    few = context.times(1000, 100)
    for peer in context.tools:
        if peer.module != "mlflow":
            continue
        repository = context.repository(f"listing-{peer.name}")
        made = context.attempt(ask, peer, "runs", few, repository, context.home)
        found = made and context.attempt(ask, peer, "best", 50, repository, context.home)
        note = f"of {few:,} runs, search alone, without starting Python"
        yield Measured(
            "filter and sort, best 50", peer.name, 1000 * found["search_s"] if found else None, "ms", "", note
        )


def _ours(context: Context, tool: Tool) -> Iterator[Measured]:
    count, rounds = max(1000, round(100_000 * context.scale)), context.times(10)
    repository, env, command = filled(context, count), tool.environ(context.home), tool.script("gittrack")
    for index in (repository / ".git" / "gittrack").glob("index.sqlite*"):
        index.unlink()
    note = f"of {count:,} runs"
    rebuilt = spend([command, "ls", "-n", "1"], repository, env)
    yield Measured("index rebuild, whole process", tool.name, rebuilt.wall, "s", "<= 10", note)
    listed = median_spent([command, "ls"], repository, env, rounds)
    yield Measured("ls of 50, warm", tool.name, listed.wall * 1000, "ms", "<= 250", note)
    sought = median_spent([command, *_SEARCH], repository, env, rounds)
    yield Measured("filter and sort, best 50", tool.name, sought.wall * 1000, "ms", "<= 350", note)
    peak = max(rebuilt.peak, listed.peak, sought.peak) / 2**20
    yield Measured("peak memory of these", tool.name, peak, "MB", "<= 200", note)
