"""`diff`, `compare` and charts: whole processes, and ten million points to the lines of a terminal chart."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from harness.measure import median_spent
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool

_RUNS = """
import pathlib, subprocess, sys
import gittrack
from gittrack.core.events import Ended, EnvironmentCaptured
from gittrack.core.records import Run, Source
from gittrack.store.runs import RunStore
from gittrack.core.times import now_ms
store = RunStore.open()
packages = {f"package{n}": f"{n}.0" for n in range(200)}
for number in range(int(sys.argv[1])):
    if number < 2:
        for file in sorted(pathlib.Path().glob("part*/module*.py"))[:10]:
            file.write_text(f"changed = {number}\\n" * 20)
        subprocess.run(["git", "commit", "-qam", "more"], check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    params = {f"param{n}": n + number * (n % 5 == 0) for n in range(100)}
    run = Run(
        store.new_id(), "digits", f"run {number}", start_time=now_ms(), command=("python", "train.py"),
        params=params, source=Source(commit, snapshot=commit),
    )
    journal = store.create(run)
    for key in range(50):
        for step in range(20):
            journal.point(f"metric{key}", step / (1 + number + key), step)
    document = {"python": {"version": "3.11"}, "packages": packages | {"torch": str(number)}}
    journal.event(EnvironmentCaptured(document))
    journal.event(Ended("finished", now_ms(), 0))
    journal.close()
    store.finish(run.id)
"""
_POINTS = """
import json, statistics, sys, time
from array import array
from gittrack.core.series import Series
from gittrack.query.plots.curve import points, x_values
from gittrack.query.drawing.svg import draw
from gittrack.terminal.chart import Curve, chart
count, rounds = int(sys.argv[1]), int(sys.argv[2])
values = array("d", [(n * 7919 % 10007) / 10007 for n in range(count)])
series = Series("loss", 0, array("q", range(count)), values)
series.times = array("q", range(count))
each = {"text": [], "svg": []}
for _ in range(rounds):
    for kind in each:
        before = time.perf_counter()
        curve = Curve("loss", points(x_values(series, "step"), series.values))
        chart([curve], width=120, height=30) if kind == "text" else draw([curve])
        each[kind].append(time.perf_counter() - before)
print(json.dumps({kind: [spent[0], statistics.median(spent[1:])] for kind, spent in each.items()}))
"""


def measure(context: Context) -> Iterator[Measured]:
    """Whole processes on runs with 100 params, 50 metrics, 200 packages and code; then charts."""
    tool = context.ours
    if tool is None:
        return
    repository, env = context.repository("review", files=200), tool.environ(context.home)
    subprocess.run([tool.python, "-c", _RUNS, "100"], cwd=repository, env=env, check=True)
    rounds, command = context.times(10), tool.script("gittrack")
    ids = subprocess.run(
        [command, "ls", "--ids", "-n", "100"],
        cwd=repository,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    note = "100 params, 50 metrics, 200 packages, 10 files of code"
    spent = median_spent([command, "diff", ids[-1], ids[0]], repository, env, rounds)
    yield Measured("diff of two runs, whole process", tool.name, 1000 * spent.wall, "ms", "<= 250", note)
    spent = median_spent([command, "compare", *ids], repository, env, rounds)
    yield Measured("compare of 100 runs, whole process", tool.name, 1000 * spent.wall, "ms", "<= 500", note)
    yield from _charts(context, tool, repository, env)


def _charts(context: Context, tool: Tool, repository: Path, env: dict[str, str]) -> Iterator[Measured]:
    count = max(100_000, round(10_000_000 * context.scale))
    words: list[str | Path] = [tool.python, "-c", _POINTS, str(count), str(context.times(5))]
    done = subprocess.run(words, cwd=repository, env=env, capture_output=True, text=True, check=True)
    for kind, (first, later) in json.loads(done.stdout).items():
        what = "a terminal chart" if kind == "text" else "SVG"
        note = f"{count:,} points, after reading; the first with numpy's import {1000 * first:.0f} ms"
        limit = "<= 300" if kind == "text" else ""
        yield Measured(f"10 million points to {what}", tool.name, 1000 * later, "ms", limit, note)
