"""`gittrack run -- true` and its like: CPU time that the wrapper adds, in a 1,000-file repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.measure import Failed, median_spent, spend
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool


def measure(context: Context) -> Iterator[Measured]:
    """CPU of each wrapper around a command that does nothing, less that of the command."""
    rounds = context.times(10)
    for tool in context.tools:
        if tool.name not in _PREPARATIONS:
            continue
        repository = context.repository(f"wrapper-{tool.name}", files=1000)
        added = context.attempt(_added, context, tool, repository, rounds)
        limit = "<= 150" if tool is context.ours else ""
        yield Measured("wrapper around `true`, added cpu", tool.name, added, "ms", limit)


def _added(context: Context, tool: Tool, repository: Path, rounds: int) -> float:
    env = tool.environ(context.home)
    words, bare = _PREPARATIONS[tool.name](tool, repository, context)
    git(context.home, repository, "add", "-A")
    git(context.home, repository, "commit", "-q", "--allow-empty", "-m", "prepared")
    if not words:
        msg = f"{tool.name}: nothing to run"
        raise Failed(msg)
    around = median_spent(words, repository, env, rounds)
    return 1000 * (around.cpu - median_spent(bare, repository, env, rounds).cpu)


def _gittrack(tool: Tool, _repository: Path, _context: Context) -> tuple[list[str | Path], list[str | Path]]:
    return [tool.script("gittrack"), "run", "--", "true"], ["true"]


def _guild(tool: Tool, repository: Path, _context: Context) -> tuple[list[str | Path], list[str | Path]]:
    (repository / "guild.yml").write_text("nothing:\n  exec: 'true'\n")
    return [tool.script("guild"), "run", "-y", "nothing"], ["true"]


def _dvc(tool: Tool, repository: Path, context: Context) -> tuple[list[str | Path], list[str | Path]]:
    (repository / ".gitignore").write_text("")
    env = tool.environ(context.home)
    spend([tool.script("dvc"), "init", "-q"], repository, env)
    (repository / "dvc.yaml").write_text("stages:\n  nothing:\n    cmd: 'true'\n    always_changed: true\n")
    return [tool.script("dvc"), "exp", "run", "-q", "-f"], ["true"]


def _mlflow(tool: Tool, repository: Path, _context: Context) -> tuple[list[str | Path], list[str | Path]]:
    (repository / "MLproject").write_text("name: nothing\nentry_points:\n  main:\n    command: 'true'\n")
    return [tool.script("mlflow"), "run", ".", "--env-manager", "local"], ["true"]


_PREPARATIONS: dict[str, Callable[[Tool, Path, Context], tuple[list[str | Path], list[str | Path]]]] = {
    "gittrack": _gittrack,
    "guild": _guild,
    "dvclive": _dvc,
    "mlflow file": _mlflow,
}
