"""What every figure is given."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from harness.environments import OURS, Tool
from harness.measure import Failed
from harness.repositories import make_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Context:
    """What to measure, where, and how thoroughly.

    Attributes:
        tools: gittrack first, then the peers asked for.
        scratch: an empty folder of this run.
        home: the home of all measured processes.
        scale: 1 for the figures as they are published, less for a quick look.
    """

    tools: tuple[Tool, ...]
    scratch: Path
    home: Path
    scale: float = 1.0

    @property
    def ours(self) -> Tool | None:
        """gittrack, unless only peers are measured."""
        return next((tool for tool in self.tools if tool is OURS), None)

    def loggers(self) -> Iterator[Tool]:
        """The tools that a program logs with, by `worker.py`."""
        return (tool for tool in self.tools if tool.module)

    def times(self, full: int, least: int = 3) -> int:
        """`full` at scale 1, in proportion below it, never under `least`."""
        return max(least, round(full * self.scale))

    def repository(self, name: str, files: int = 20) -> Path:
        """A fresh repository for one measurement."""
        folder = self.scratch / name.replace(" ", "-")
        if folder.exists():
            shutil.rmtree(folder)
        return make_repository(folder, self.home, files)

    def attempt(self, what: Callable[..., Answer], *given: Any) -> Answer | None:  # noqa: ANN401 # as it takes
        """What a measurement gives; None, and a line on standard error, where it failed."""
        try:
            return what(*given)
        except Failed as error:
            print(f"  failed: {error}", file=sys.stderr)
            return None
