"""Running processes and weighing them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.environments import Tool

WORKER = Path(__file__).resolve().parents[1] / "worker.py"


class Failed(Exception):
    """A measured process did not do what it was asked."""


@dataclass(frozen=True)
class Spent:
    """What a process cost, its children included.

    Attributes:
        wall: seconds.
        cpu: seconds of user and system time.
        peak: largest resident set of one process, bytes.
    """

    wall: float
    cpu: float
    peak: int


def spend(words: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> Spent:
    """Run a command and weigh it.

    Raises:
        Failed: it did not exit with 0.
    """
    before = time.perf_counter()
    process = subprocess.Popen(
        words,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - before
    process.stderr.close()
    if process.returncode:
        msg = f"{' '.join(map(str, words))}: {said.decode(errors='replace')[-600:]}"
        raise Failed(msg)
    unit = 1 if sys.platform == "darwin" else 1024
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def median_spent(words: Sequence[str | Path], cwd: Path, env: Mapping[str, str], rounds: int) -> Spent:
    """The median of each cost over `rounds` runs, after one that does not count."""
    spend(words, cwd, env)
    each = [spend(words, cwd, env) for _ in range(rounds)]
    return Spent(
        statistics.median(one.wall for one in each),
        statistics.median(one.cpu for one in each),
        int(statistics.median(one.peak for one in each)),
    )


def worker_words(tool: Tool, scenario: str, number: int) -> list[str]:
    """The command that runs a scenario of `worker.py` in the tool's environment."""
    return [str(tool.python), "-W", "ignore", str(WORKER), tool.module, scenario, str(number)]


def ask(tool: Tool, scenario: str, number: int, cwd: Path, home: Path) -> dict[str, Any]:
    """What a scenario of `worker.py` answers.

    Raises:
        Failed: it did not exit with 0 within ten minutes.
    """
    words = worker_words(tool, scenario, number)
    try:
        done = subprocess.run(
            words, cwd=cwd, env=tool.environ(home), capture_output=True, text=True, check=True, timeout=600
        )
    except subprocess.TimeoutExpired:
        msg = f"{tool.name} {scenario}: more than 600 s"
        raise Failed(msg) from None
    except subprocess.CalledProcessError as error:
        msg = f"{tool.name} {scenario}: {error.stderr[-600:]}"
        raise Failed(msg) from None
    answer: dict[str, Any] = json.loads(done.stdout.rstrip().rsplit("\n", 1)[-1])
    return answer
