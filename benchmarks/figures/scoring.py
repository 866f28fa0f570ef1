"""A large CSV file predicted row by row beside `mlflow models predict`, and loading a small model."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from harness.measure import Failed, median_spent
from harness.models import COLUMNS, GITTRACK, saved, tools
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool

_ROWS = 10_000_000
_BLOCK = 10_000  # rows that are repeated: making numbers takes longer than predicting
_POLL = 0.2


def measure(context: Context) -> Iterator[Measured]:
    """Seconds and memory of csv to csv, their ratio, and `load_model` over the library's import."""
    rows = max(_BLOCK, round(_ROWS * context.scale) // _BLOCK * _BLOCK)
    source, seconds = _rows(context.scratch / "rows.csv", rows), {}
    note = f"{rows:,} rows of 8 columns"
    for tool in tools(context):
        spent = context.attempt(_predict, context, tool, source)
        if spent is None:
            continue
        seconds[tool.name] = spent[0]
        limit = "<= 1000" if tool is GITTRACK else ""
        yield Measured("predict csv to csv", tool.name, spent[0], "s", "", note)
        yield Measured(
            "predict csv to csv, peak memory of all processes", tool.name, spent[1], "MB", limit, note
        )
    if {"gittrack", "mlflow"} <= seconds.keys():
        ratio = seconds["mlflow"] / seconds["gittrack"]
        yield Measured("predict csv to csv, mlflow's time over ours", "gittrack", ratio, "", ">= 3", note)
    if context.ours is not None and GITTRACK.python.exists():
        yield from _load(context)


def _load(context: Context) -> Iterator[Measured]:
    env, python = GITTRACK.environ(context.home), GITTRACK.python
    rounds = context.times(10, 3)
    library = "import sklearn.linear_model"
    code = f"import gittrack; gittrack.load_model({str(saved(context))!r})"
    bare = median_spent([python, "-c", library], context.scratch, env, rounds)
    whole = median_spent([python, "-c", code], context.scratch, env, rounds)
    for name, value in (("wall", whole.wall - bare.wall), ("cpu", whole.cpu - bare.cpu)):
        limit = "<= 100" if name == "wall" else ""
        yield Measured(f"load_model over importing sklearn, {name}", "gittrack", value * 1000, "ms", limit)


def _rows(path: Path, count: int) -> Path:
    rng = random.Random(0)  # noqa: S311  no secret
    block = "".join(",".join(f"{rng.random():.4f}" for _ in COLUMNS) + "\n" for _ in range(_BLOCK)).encode()
    with path.open("wb") as file:
        file.write((",".join(COLUMNS) + "\n").encode())
        for _ in range(count // _BLOCK):
            file.write(block)
    return path


def _predict(context: Context, tool: Tool, source: Path) -> tuple[float, float]:
    """Seconds, and the most memory that its processes had together, in MB."""
    model, target = str(saved(context)), str(context.scratch / f"{tool.name}.out.csv")
    words = [str(tool.script(tool.name))]
    if tool is GITTRACK:
        words += ["model", "predict", model, str(source), "-o", target]
    else:
        words += ["models", "predict", "-m", model, "-i", str(source), "-t", "csv", "-o", target]
        words += ["--env-manager", "local"]
    began = time.perf_counter()
    with subprocess.Popen(
        words, cwd=context.scratch, env=tool.environ(context.home), stderr=subprocess.PIPE
    ) as child:
        peak = _watched(child)
        said = child.stderr.read() if child.stderr is not None else b""
    if child.returncode:
        raise Failed(said.decode(errors="replace")[-600:])
    return time.perf_counter() - began, peak / 1e6


def _watched(child: subprocess.Popen[bytes]) -> int:
    """The most memory of a process and those below it, shared pages counted once where the system says so."""
    peak = 0
    while child.poll() is None:
        peak = max(peak, sum(map(_memory, _family(child.pid))))
        time.sleep(_POLL)
    return peak


def _family(number: int) -> list[int]:
    if sys.platform != "linux":
        return [number]
    found, todo = [], [number]
    while todo:
        one = todo.pop()
        found.append(one)
        try:
            with open(f"/proc/{one}/task/{one}/children") as file:  # noqa: PTH123  of the kernel
                todo += map(int, file.read().split())
        except OSError:
            continue
    return found


def _memory(number: int) -> int:
    """Proportional set size in bytes, 0 where it cannot be read."""
    try:
        with open(f"/proc/{number}/smaps_rollup") as file:  # noqa: PTH123  of the kernel
            line = next(line for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) * 1024
