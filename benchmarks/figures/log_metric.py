"""`log_metric`: what a call costs, and what is left of acknowledged calls after SIGKILL."""

from __future__ import annotations

import os
import signal
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

_ENOUGH = 2000  # acknowledged calls before the kill


def measure(context: Context) -> Iterator[Measured]:
    """Median and mean of a call, then the loss, tool by tool."""
    for tool in context.loggers():
        repository = context.repository(f"log-{tool.name}")
        calls = context.times(50_000, 1000)
        said = context.attempt(ask, tool, "log", calls, repository, context.home)
        median, mean = (said["median_us"], said["mean_us"]) if said else (None, None)
        yield Measured("log_metric, median", tool.name, median, "µs", "<= 1" if tool is context.ours else "")
        yield Measured("log_metric, mean", tool.name, mean, "µs", "<= 2" if tool is context.ours else "")
    for tool in context.loggers():
        repository = context.repository(f"kill-{tool.name}")
        lost = context.attempt(_loss, tool, repository, context.home)
        limit = "<= 0" if tool is context.ours else ""
        share, note = lost or (None, "")
        yield Measured("acknowledged points lost on SIGKILL", tool.name, share, "%", limit, note)


def _loss(tool: Tool, cwd: Path, home: Path) -> tuple[float, str]:
    """Share of acknowledged calls that the store does not have, in percent."""
    acknowledged = _killed(tool, cwd, home)
    kept = ask(tool, "stored", 0, cwd, home)["points"]
    lost = max(0, acknowledged - kept)
    return 100 * lost / acknowledged, f"{lost} of {acknowledged}"


def _killed(tool: Tool, cwd: Path, home: Path) -> int:
    """Log, kill after enough calls or five seconds, and say how many calls had come back."""
    process = subprocess.Popen(
        worker_words(tool, "acknowledge", 10_000_000),
        cwd=cwd,
        env=tool.environ(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    said, began = b"", None
    while block := os.read(process.stdout.fileno(), 65536):
        said += block
        began = began or time.monotonic()
        if said.count(b".") >= _ENOUGH or time.monotonic() - began > 5:
            break
    os.killpg(process.pid, signal.SIGKILL)
    said += process.stdout.read()
    process.stdout.close()
    process.wait()
    if not said.count(b"."):
        msg = f"{tool.name}: no call came back"
        raise Failed(msg)
    return said.count(b".")
