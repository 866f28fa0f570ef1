"""The snapshot of a dirty tree of 10,000 files: no peer takes one."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context

_CODE = """
import json, pathlib, statistics, sys, time
from gittrack.store.runs import RunStore
from gittrack.tracking import snapshot
store, each = RunStore.open(), []
for turn in range(int(sys.argv[1])):
    pathlib.Path("part000/module00000.py").write_text(f"changed = {turn}")
    pathlib.Path("new.py").write_text(f"new = {turn}")
    before = time.perf_counter()
    source = snapshot.take(store.code, store.config, pathlib.Path.cwd())
    each.append(time.perf_counter() - before)
    assert source.snapshot and source.dirty, source
print(json.dumps([each[0], statistics.median(each[1:])]))
"""


def measure(context: Context) -> Iterator[Measured]:
    """The first snapshot and the median of later ones; each has a changed and an untracked file."""
    tool = context.ours
    if tool is None:
        return
    repository = context.repository("snapshot", files=10_000)
    words: list[str | Path] = [tool.python, "-c", _CODE, str(context.times(10, 4))]
    done = subprocess.run(
        words, cwd=repository, env=tool.environ(context.home), capture_output=True, text=True, check=True
    )
    first, later = json.loads(done.stdout)
    note = f"first {1000 * first:.0f} ms"
    yield Measured("snapshot, dirty tree of 10,000 files", tool.name, 1000 * later, "ms", "<= 100", note)
