"""`gittrack reproduce`: everything around the command itself, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import Spent, median_spent, spend
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context
    from harness.environments import Tool

_PROGRAM = "echo '{\"loss\": 0.5}' > metrics.json\n"


def measure(context: Context) -> Iterator[Measured]:
    """Start, finding the run, work tree, record, verdict, tags; in a repository of 1,000 files."""
    if context.ours is None:
        return
    for name, count in (("", 1), (", each of 3", 3)):
        spent = context.attempt(_around, context, context.ours, count)
        for unit, limit in (("wall", "<= 1"), ("cpu", "")):
            seconds = None if spent is None else getattr(spent, unit) / count
            yield Measured(f"reproduce, around the command{name}, {unit}", "gittrack", seconds, "s", limit)


def _around(context: Context, tool: Tool, count: int) -> Spent:
    repository, env = context.repository("reproduce", files=1000), tool.environ(context.home)
    (repository / "train.sh").write_text(_PROGRAM)
    (repository / ".gitignore").write_text("metrics.json\n")
    git(context.home, repository, "add", "-A")
    git(context.home, repository, "commit", "-q", "-m", "prepared")
    command = ["sh", "train.sh"]
    spend([tool.script("gittrack"), "run", "--metrics", "metrics.json", "--", *command], repository, env)
    again = [str(tool.script("gittrack")), "reproduce", "@last", "-q", "--repeat", str(count)]
    rounds = context.times(5)
    bare = median_spent(command, repository, env, rounds)
    found = median_spent(again, repository, env, rounds)
    return Spent(found.wall - count * bare.wall, found.cpu - count * bare.cpu, found.peak)
