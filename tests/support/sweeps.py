"""Functions to sweep over, importable by a fresh interpreter, and a program that sweeps."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import gittrack

if TYPE_CHECKING:
    from pathlib import Path


def train(lr: float, seed: int = 0) -> None:
    """Three steps; the less lr, the less loss."""
    for step in range(3):
        gittrack.log_metric("loss", lr + seed / 100 + 1 / (step + 1), step)


def slow(x: int) -> None:
    """A few milliseconds."""
    gittrack.log_metric("loss", float(x))
    time.sleep(0.02)


PROGRAM = """\
import sys
import gittrack
from tests.support.sweeps import slow

gittrack.sweep(
    slow,
    None if len(sys.argv) > 2 else {{"x": range({count})}},
    workers=2,
    metric="loss",
    name=sys.argv[1],
    resume=sys.argv[2] if len(sys.argv) > 2 else None,
)
"""


def program(path: Path, count: int) -> list[str]:
    """The words that start a program that sweeps; it takes a name, and a sweep to resume."""
    from pathlib import Path

    path.write_text(
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parents[2])!r})\n" + PROGRAM.format(count=count)
    )
    return [sys.executable, str(path)]
