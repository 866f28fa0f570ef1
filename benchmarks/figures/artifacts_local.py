"""A file of 1 GB into the local store, beside `cp` and `sha256sum` of it one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

from harness.files import random_file
from harness.measure import Failed
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context

_CODE = """
import json, sys, time
import gittrack
with gittrack.start_run():
    gittrack.log_param("warm", 1)
    took = []
    for _ in range(2):
        before = time.perf_counter()
        gittrack.log_artifact(sys.argv[1])
        took.append(time.perf_counter() - before)
with open("/proc/self/io") as file:
    read = int(file.readline().split()[1])
print(json.dumps([*took, read]))
"""


def measure(context: Context) -> Iterator[Measured]:
    """The best of some rounds in turn; then the same file again."""
    tool = context.ours
    if tool is None:
        return
    size = context.times(1_000_000_000, 100_000_000)
    big = random_file(context.scratch / "big", size)
    ours, again, theirs, read = [], [], [], 0
    for number in range(3):
        os.sync()
        theirs.append(_cp_and_sha256sum(big))
        os.sync()
        repository = context.repository(f"artifacts-{number}")
        words: list[str | Path] = [tool.python, "-c", _CODE, big]
        done = subprocess.run(
            words, cwd=repository, env=tool.environ(context.home), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(done.stderr[-600:])
        first, second, read = json.loads(done.stdout.splitlines()[-1])
        ours.append(first)
        again.append(second)
        context.repository(f"artifacts-{number}")  # a fresh one: the old one's gigabyte goes
    figure = f"log_artifact of {size / 1e9:.1f} GB"
    note = f"{read / size / 2:.2f} reads of the file a call"
    yield Measured(figure, tool.name, size / min(ours) / 1e6, "MB/s", "", note)
    yield Measured(figure, "cp, then sha256sum", size / min(theirs) / 1e6, "MB/s")
    yield Measured(f"{figure}, of cp and sha256sum", tool.name, 100 * min(theirs) / min(ours), "%", ">= 80")
    yield Measured(f"{figure}, again", tool.name, size / min(again) / 1e6, "MB/s")


def _cp_and_sha256sum(big: Path) -> float:
    copy = big.with_name("copy")
    before = time.perf_counter()
    subprocess.run(["cp", big, copy], check=True)
    subprocess.run(["sha256sum", copy], check=True, capture_output=True)
    took = time.perf_counter() - before
    copy.unlink()
    return took
