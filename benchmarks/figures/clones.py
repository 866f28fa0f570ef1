"""Eight clones that record 20 runs each and push every one to the same remote at the same time."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING, Any

from harness.environments import ROOT, Tool
from harness.measure import Failed, ask
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context

_CLONES = 8


def measure(context: Context) -> Iterator[Measured]:
    """Runs a second, runs that did not arrive, and the most pushes that one sync took."""
    tool = context.ours
    if tool is None:
        return
    each = context.times(20, 4)
    remote = context.scratch / "clones-remote.git"
    seed = context.repository("clones-seed")
    git(context.home, context.scratch, "clone", "-q", "--bare", str(seed), str(remote))
    clones = [context.scratch / f"clone-{number}" for number in range(_CLONES + 1)]
    for clone in clones:
        git(context.home, context.scratch, "clone", "-q", str(remote), str(clone))
    *writers, reader = clones
    answers, spent = _write(tool, writers, context.home, each)
    said = f"longest push {max(answer['longest_s'] for answer in answers):.2f} s"
    most = max(attempts for answer in answers for attempts in answer["attempts"])
    _command(tool, writers[0], context.home, "push")
    _command(tool, reader, context.home, "pull")
    lost = _CLONES * each - int(ask(tool, "stored", 0, reader, context.home)["runs"])
    figure = f"{_CLONES} clones x {each} runs, one remote"
    yield Measured(figure, tool.name, _CLONES * each / spent, "runs/s", "", said)
    yield Measured(f"{figure}: lost", tool.name, lost, "runs", "<= 0")
    yield Measured(f"{figure}: most pushes of one sync", tool.name, most, "pushes", "<= 3")


def _write(tool: Tool, clones: list[Path], home: Path, each: int) -> tuple[list[dict[str, Any]], float]:
    words = [str(tool.python), str(ROOT / "benchmarks" / "clone_writer.py"), str(each)]
    processes = [
        subprocess.Popen(
            words, cwd=clone, env=tool.environ(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for clone in clones
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    began = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        msg = "a clone could not push"
        raise Failed(msg)
    return [json.loads(one.splitlines()[-1]) for one in said], time.perf_counter() - began


def _command(tool: Tool, cwd: Path, home: Path, verb: str) -> None:
    words = [str(tool.python), "-m", "gittrack", verb]
    subprocess.run(words, cwd=cwd, env=tool.environ(home), capture_output=True, check=True)
