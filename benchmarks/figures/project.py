"""`gittrack run .`: CPU that is added to the entry point, with the environment as it is and with uv's.

The entry point of the first figure does nothing; that of the others is the same Python, started bare, so
that what is left is reading the project, the snapshot, the environment and the record.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from harness.measure import median_spent, spend
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool

_PROJECT = "name: nothing\n{env}entry_points:\n  main:\n    command: '{command}'\n"
_INDEX = ("UV_", "PIP_", "SSL_", "REQUESTS_")
_SKLEARN = ("scikit-learn", "numpy")


def measure(context: Context) -> Iterator[Measured]:
    """The local environment beside peers; a cached one, and one of scikit-learn from a warm cache."""
    rounds = context.times(10)
    for tool in context.tools:
        if tool.name in _WORDS:
            added = context.attempt(_local, context, tool, rounds)
            limit = "<= 250" if tool is context.ours else ""
            yield Measured("project around `true`, added cpu", tool.name, added, "ms", limit)
    if context.ours is not None:
        added = context.attempt(_cached, context, context.ours, rounds)
        yield Measured("project, cached uv environment, added cpu", "gittrack", added, "ms", "<= 400")
        seconds = context.attempt(_made, context, context.ours, min(rounds, 3))
        yield Measured("scikit-learn environment, warm cache", "gittrack", seconds, "s", "<= 1")
        peer = context.attempt(_pip, context)
        yield Measured("scikit-learn environment, warm cache", "venv and pip", peer, "s")


def _local(context: Context, tool: Tool, rounds: int) -> float:
    repository, env = context.repository(f"project-{tool.name}", files=1000), tool.environ(context.home)
    _write(context, repository, "true")
    if tool.name == "guild":
        (repository / "guild.yml").write_text("nothing:\n  exec: 'true'\n")
    if tool.name == "dvclive":
        spend([tool.script("dvc"), "init", "-q"], repository, env)
        (repository / "dvc.yaml").write_text("stages:\n  n:\n    cmd: 'true'\n    always_changed: true\n")
    _commit(context, repository)
    program, *words = _WORDS[tool.name]
    around = median_spent([tool.script(program), *words], repository, env, rounds)
    return 1000 * (around.cpu - median_spent(["true"], repository, env, rounds).cpu)


def _cached(context: Context, tool: Tool, rounds: int) -> float:
    repository, env = context.repository("project-uv", files=1000), _environ(context, tool)
    (repository / "python_env.yaml").write_text("dependencies: [six]\n")
    _write(context, repository, "python -c pass", "python_env: python_env.yaml\n")
    _commit(context, repository)
    words = [str(tool.script("gittrack")), "run", "."]
    around = median_spent(words, repository, env, rounds)
    bare = median_spent([tool.python, "-c", "pass"], repository, env, rounds)
    return 1000 * (around.cpu - bare.cpu)


def _made(context: Context, tool: Tool, rounds: int) -> float:
    """Seconds that a run takes longer when its environment has to be made; uv has the packages."""
    seconds = []
    for number in range(rounds + 1):
        repository, env = context.repository("project-sklearn", files=20), _environ(context, tool)
        lines = "".join(f"  - {name}\n" for name in _SKLEARN)
        (repository / "python_env.yaml").write_text(f"dependencies:\n{lines}  # {number}\n")
        _write(context, repository, "python -c pass", "python_env: python_env.yaml\n")
        _commit(context, repository)
        env["XDG_CACHE_HOME"] = str(context.scratch / f"environments-{number}")
        words = [str(tool.script("gittrack")), "run", "."]
        first = spend(words, repository, env).wall
        seconds.append(first - spend(words, repository, env).wall)
    return min(seconds[1:])  # the first one fills uv's cache


def _pip(context: Context) -> float:
    """The same with the standard library's venv and pip."""
    best = []
    for number in range(2):
        folder = context.scratch / f"venv-{number}"
        env = dict(os.environ)
        made = spend([sys.executable, "-m", "venv", folder], context.scratch, env)
        got = spend([folder / "bin" / "pip", "install", "-q", *_SKLEARN], context.scratch, env)
        best.append(made.wall + got.wall)
    return best[-1]


def _environ(context: Context, tool: Tool) -> dict[str, str]:
    """With this machine's package index, and a cache of uv's that begins empty."""
    index = {name: text for name, text in os.environ.items() if name.startswith(_INDEX)}
    return {**tool.environ(context.home), **index, "UV_CACHE_DIR": str(context.scratch / "uv-cache")}


def _write(context: Context, repository: Path, command: str, env: str = "") -> None:
    del context
    (repository / "MLproject").write_text(_PROJECT.format(command=command, env=env))


def _commit(context: Context, repository: Path) -> None:
    git(context.home, repository, "add", "-A")
    git(context.home, repository, "commit", "-q", "--allow-empty", "-m", "prepared")


_WORDS: Mapping[str, tuple[str, ...]] = {
    "gittrack": ("gittrack", "run", ".", "--env-manager", "local"),
    "guild": ("guild", "run", "-y", "nothing"),
    "dvclive": ("dvc", "exp", "run", "-q", "-f"),
    "mlflow file": ("mlflow", "run", ".", "--env-manager", "local"),
}
