"""A repository with many runs, written by `synthetic.py`."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.environments import OURS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.context import Context


def filled(context: Context, count: int) -> Path:
    """A repository with `count` runs, made once and shared by the figures of one run of the benchmarks."""
    folder = context.scratch / f"synthetic-{count}"
    if not folder.exists():
        context.repository(folder.name)
        script = str(ROOT / "benchmarks" / "synthetic.py")
        words = [str(OURS.python), script, str(folder), str(count)]
        subprocess.run(words, env=OURS.environ(context.home), stdout=subprocess.DEVNULL, check=True)
    return folder
