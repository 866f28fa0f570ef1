"""Eight processes that record 50 runs each into one clone at the same time."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from harness.measure import Failed, ask, worker_words
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool

_WRITERS = 8


def measure(context: Context) -> Iterator[Measured]:
    """Runs a second, from the first start of a run to the last end, and runs lost."""
    each = context.times(50, 5)
    for tool in context.loggers():
        repository = context.repository(f"processes-{tool.name}")
        mine = tool is context.ours
        said = context.attempt(_together, tool, repository, context.home, each)
        rate, lost, note = said or (None, None, "")
        figure = f"{_WRITERS} processes x {each} runs"
        yield Measured(figure, tool.name, rate, "runs/s", ">= 100" if mine else "", note)
        yield Measured(f"{figure}, lost", tool.name, lost, "runs", "<= 0" if mine else "")


def _together(tool: Tool, cwd: Path, home: Path, each: int) -> tuple[float | None, int | None, str]:
    processes = [
        subprocess.Popen(
            worker_words(tool, "together", each),
            cwd=cwd,
            env=tool.environ(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(_WRITERS)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
    began = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    failed = sum(process.wait(timeout=600) != 0 for process in processes)
    spent = time.perf_counter() - began
    for process in processes:
        process.communicate()
    note = f"{failed} of {_WRITERS} processes failed" if failed else ""
    try:
        kept = ask(tool, "stored", 0, cwd, home)["runs"]
    except Failed:
        return None, None, f"{note}; the store cannot be read afterwards"
    return kept / spent, _WRITERS * each - kept, note
