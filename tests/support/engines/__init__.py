"""Real engines for tests: Slurm, Ray and Dask, each started once for the tests of a process that want it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

import psutil
import pytest

from tests.support.engines.dask import Dask
from tests.support.engines.ray import Ray
from tests.support.engines.slurm import Slurm
from tests.support.servers.base import poll

if TYPE_CHECKING:
    from pathlib import Path


class Started(Protocol):
    """An engine of its own for the tests."""

    name: str

    def missing(self) -> str | None:
        """Why it cannot be started here, None when it can."""
        ...

    def start(self, folder: Path) -> None:
        """Start it with its files in a folder, and wait until it takes jobs."""
        ...

    def environment(self) -> dict[str, str]:
        """What its clients need to find it."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


ENGINES: dict[str, type[Started]] = {"slurm": Slurm, "ray": Ray, "dask": Dask}


class Engines:
    """The engines that were started so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[str, Started] = {}

    def get(self, name: str) -> Started:
        """An engine that runs; a missing one skips, or fails in CI."""
        if name not in self._started:
            engine = ENGINES[name]()
            if reason := engine.missing():
                (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
            folder = self._folder / name
            folder.mkdir()
            self._started[name] = engine
            engine.start(folder)
        return self._started[name]

    def stop(self) -> None:
        """End them."""
        for engine in self._started.values():
            engine.stop()


def process_of(run_id: str) -> psutil.Process:
    """The process of a job on this machine: the one whose command is `gittrack exec …/RUN/ticket.json`."""
    found: list[psutil.Process] = []

    def look() -> bool:
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = one.cmdline()
                if "exec" in words and run_id in words[-1] and "-m" in words:
                    found.append(one)
        return bool(found)

    poll(look, f"there is no process of run {run_id}")
    return found[0]
