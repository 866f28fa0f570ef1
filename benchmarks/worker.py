"""What one tool is asked to do, run by that tool's own Python: `worker.py TOOL SCENARIO [NUMBER]`.

The answer is one line of JSON, the last of standard output.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).parent))
_FIRST = 200  # calls that nobody times: files open, caches fill
_BATCHES = 10
_PARAMS = {"lr": 0.1, "hidden": 32, "batch_size": 64, "optimizer": "sgd", "seed": 0}


class Tool(Protocol):
    """What each module of `tools/` has."""

    def start(self, name: str) -> None:
        """Begin a run."""

    def params(self, values: dict[str, Any]) -> None:
        """Log params."""

    def log(self, key: str, value: float, step: int) -> None:
        """Log one point."""

    def end(self) -> None:
        """End the run."""

    def stored(self) -> tuple[int, int]:
        """Runs, and points of `loss`, that the store has."""
        ...

    def best(self, count: int) -> int:
        """How many of the best runs by `loss` it finds."""
        ...


def log(tool: Tool, number: int) -> dict[str, Any]:
    """Time of one `log_metric`: each call for the median, batches for the mean (that of the median batch)."""
    tool.start("log")
    call = tool.log
    for step in range(_FIRST):
        call("loss", 0.5, step)
    clock, each, wait_until = time.perf_counter_ns, [], time.monotonic() + 10
    for step in range(_FIRST, _FIRST + number):
        before = clock()
        call("loss", 0.5, step)
        each.append(clock() - before)
        if step % 64 == 0 and time.monotonic() > wait_until:
            break
    batch, step, means = max(1, len(each) // _BATCHES), _FIRST + len(each), []
    for _ in range(_BATCHES):
        before = clock()
        for _ in range(batch):
            call("loss", 0.5, step)
            step += 1
        means.append((clock() - before) / batch)
    tool.end()
    return {
        "median_us": statistics.median(each) / 1000,
        "mean_us": statistics.median(means) / 1000,
        "calls": len(each),
    }


def acknowledge(tool: Tool, number: int) -> dict[str, Any]:
    """Log until killed; one byte on standard output for each call that came back."""
    tool.start("killed")
    os.write(1, b"\n")
    for step in range(number):
        tool.log("loss", step / 7, step)
        os.write(1, b".")
    os.write(1, b"!")
    time.sleep(60)
    return {}


def runs(tool: Tool, number: int, points: int = 5) -> dict[str, Any]:
    """`number` runs of `points` points and five params, each from start to committed."""
    each = []
    for index in range(number):
        before = time.perf_counter()
        tool.start(f"run-{os.getpid()}-{index}")
        tool.params(_PARAMS)
        for step in range(points):
            tool.log("loss", 1 / (step + 1), step)
        tool.end()
        each.append(time.perf_counter() - before)
    rest = each[1:] or each
    return {
        "first_ms": each[0] * 1000,
        "median_ms": statistics.median(rest) * 1000,
        "max_ms": max(rest) * 1000,
    }


def thousand(tool: Tool, number: int) -> dict[str, Any]:
    """`number` runs of 1,000 points."""
    return runs(tool, number, 1000)


def together(tool: Tool, number: int) -> dict[str, Any]:
    """`number` runs, begun when told to on standard input."""
    os.write(1, b"ready\n")
    sys.stdin.readline()
    return runs(tool, number)


def stored(tool: Tool, _number: int) -> dict[str, Any]:
    """What the store holds."""
    count, points = tool.stored()
    return {"runs": count, "points": points}


def best(tool: Tool, number: int) -> dict[str, Any]:
    """The `number` best runs by a metric, in a fresh process."""
    before = time.perf_counter()
    found = tool.best(number)
    return {"found": found, "search_s": time.perf_counter() - before}


def main() -> None:
    """Load the tool, do what is asked, answer."""
    name, scenario, *rest = sys.argv[1:]
    tool = importlib.import_module(f"tools.{name}_")
    answer = globals()[scenario](tool, int(rest[0]) if rest else 1)
    sys.stdout.flush()
    print("\n" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
