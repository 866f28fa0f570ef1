"""A sweep of 200 trials of a 10 ms function with two workers: what each trial costs besides."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.environments import Tool, prepare
from harness.measure import Failed, spend
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context

_SWEEPER = Path(__file__).resolve().parents[1] / "sweeper.py"
_WORKERS = 2
_OPTUNA = Tool("optuna, SQLite", "", "optuna", ("optuna",), "optuna")
_GUILD = "import time\nx = 1.0\ntime.sleep(0.01)\nprint('loss: %f' % (x - 1) ** 2)\n"


def measure(context: Context) -> Iterator[Measured]:
    """Milliseconds of a worker that a trial takes beyond its own 10."""
    trials = context.times(200, 20)
    figure = f"sweep of {trials} trials of 10 ms, {_WORKERS} workers, added a trial"
    if context.ours is not None:
        yield _row(
            figure,
            context.ours.name,
            context.attempt(_sweep, context, context.ours, "gittrack", trials),
            "<= 60",
        )
    if any(tool is not context.ours for tool in context.tools) and prepare(_OPTUNA) is None:
        yield _row(figure, _OPTUNA.name, context.attempt(_sweep, context, _OPTUNA, "optuna", trials))
    for tool in context.tools:
        if tool.name == "guild":
            yield _row(figure, tool.name, context.attempt(_guild, context, tool, context.times(20, 4)))


def _row(figure: str, name: str, found: tuple[float, str] | None, limit: str = "") -> Measured:
    added, note = found or (None, "")
    return Measured(figure, name, added, "ms", limit, note)


def _sweep(context: Context, tool: Tool, name: str, trials: int) -> tuple[float, str]:
    repository = context.repository(f"sweep-{name}")
    words = [str(tool.python), "-W", "ignore", str(_SWEEPER), name, str(trials), str(_WORKERS)]
    done = subprocess.run(
        words, cwd=repository, env=tool.environ(context.home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        msg = f"{tool.name}: {done.stderr[-600:]}"
        raise Failed(msg)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if said["kept"] != trials:
        msg = f"{tool.name} kept {said['kept']} of {trials} trials"
        raise Failed(msg)
    return 1000 * (said["seconds"] * _WORKERS / trials - said["work"]), ""


def _guild(context: Context, tool: Tool, trials: int) -> tuple[float, str]:
    """Guild runs the trials of a batch one after the other, each a process."""
    repository = context.repository("sweep-guild")
    (repository / "tune.py").write_text(_GUILD)
    git(context.home, repository, "add", "-A")
    git(context.home, repository, "commit", "-q", "-m", "prepared")
    words: list[str | Path] = [
        tool.script("guild"),
        "run",
        "-y",
        "tune.py",
        f"x=[{','.join(map(str, range(trials)))}]",
    ]
    began = time.perf_counter()
    spend(words, repository, tool.environ(context.home))
    spent = time.perf_counter() - began
    return 1000 * (spent / trials - 0.01), f"{trials} trials, one at a time"
