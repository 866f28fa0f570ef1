"""What it costs to be there: `--help`, and the import over bare Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.environments import version_of
from harness.measure import median_spent
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context

_SCRIPTS = {
    "gittrack": "gittrack",
    "dvclive": "dvc",
    "trackio": "trackio",
    "mlflow file": "mlflow",
    "guild": "guild",
}


def measure(context: Context) -> Iterator[Measured]:
    """CPU time of the command, then of the import, each with its children."""
    rounds = context.times(20, 5)
    for tool in context.tools:
        if tool.name not in _SCRIPTS:
            continue
        script = tool.script(_SCRIPTS[tool.name])
        words, env = [script, "--help"], tool.environ(context.home)
        spent = context.attempt(median_spent, words, context.scratch, env, rounds)
        limit = "<= 70" if tool is context.ours else ""
        yield Measured(
            "--help, cpu", tool.name, spent.cpu * 1000 if spent else None, "ms", limit, script.name
        )
    for tool in context.loggers():
        if tool.name == "mlflow SQLite":
            continue
        env = tool.environ(context.home)
        bare = median_spent([tool.python, "-c", "pass"], context.scratch, env, rounds)
        words = [tool.python, "-W", "ignore", "-c", f"import {tool.imports}"]
        spent = context.attempt(median_spent, words, context.scratch, env, rounds)
        over = (spent.cpu - bare.cpu) * 1000 if spent else None
        limit = "<= 30" if tool is context.ours else ""
        yield Measured(
            "import over bare Python, cpu", tool.name, over, "ms", limit, f"version {version_of(tool)}"
        )
