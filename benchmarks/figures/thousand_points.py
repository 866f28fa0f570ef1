"""A run of 1,000 points, from start to committed, with everything that the tool captures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import ask
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context

_NOTES = {"sacred": "no Git commit", "trackio": "no Git commit", "dvclive": "no Git commit"}


def measure(context: Context) -> Iterator[Measured]:
    """The median run, after the first of the process."""
    for tool in context.loggers():
        repository = context.repository(f"thousand-{tool.name}", files=100)
        rounds = context.times(20 if tool is context.ours else 6)
        said = context.attempt(ask, tool, "thousand", rounds, repository, context.home)
        value = said["median_ms"] if said else None
        limit = "<= 28" if tool is context.ours else ""
        note = f"first of the process {said['first_ms']:.0f} ms" if said else ""
        yield Measured("run of 1,000 points", tool.name, value, "ms", limit, note)
