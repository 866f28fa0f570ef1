"""Real engines for tests: Slurm, Ray and Dask, each started once for the tests of a process that want it."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Protocol

import psutil
import pytest

from gittrack.core.files import locked
from tests.support.engines.dask import Dask
from tests.support.engines.ray import Ray
from tests.support.engines.slurm import Slurm
from tests.support.servers.base import PATIENCE, poll

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
    """The engines that tests have asked for; all processes of one test run share them.

    Whoever asks first starts an engine, and ends it when nobody uses it any more.

    Args:
        folder: the same for all processes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, dict[str, str]] = {}
        self._started: dict[str, Started] = {}

    def environment(self, name: str) -> dict[str, str]:
        """What clients of an engine need to find it; a missing one skips, or fails in CI."""
        if name not in self._known:
            with locked(self._folder / f"{name}.lock", timeout=PATIENCE * 2):
                self._known[name] = self._share(name)
                self._mark(name).touch()
        return self._known[name]

    def _share(self, name: str) -> dict[str, str]:
        where = self._folder / f"{name}.json"
        if not where.exists():
            engine = ENGINES[name]()
            if reason := engine.missing():
                (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
            folder = self._folder / f"{name}-{os.getpid()}"
            folder.mkdir()
            self._started[name] = engine
            engine.start(folder)
            where.write_text(json.dumps(engine.environment()))
        found: dict[str, str] = json.loads(where.read_text())
        return found

    def _mark(self, name: str) -> Path:
        return self._folder / f"{name}.used-{os.getpid()}"

    def _unused(self, name: str) -> bool:
        """Whether nobody uses it; then nobody new will."""
        with locked(self._folder / f"{name}.lock"):
            marks = self._folder.glob(f"{name}.used-*")
            if any(psutil.pid_exists(int(mark.name.rpartition("-")[2])) for mark in marks):
                return False
            (self._folder / f"{name}.json").unlink(missing_ok=True)
        return True

    def stop(self) -> None:
        """Say that no test of this process uses them any more, and end those that it started."""
        for name in self._known:
            self._mark(name).unlink()
        for name, engine in self._started.items():
            try:
                poll(lambda name=name: self._unused(name), f"{name} is still used")  # type: ignore[misc]  # bound
            finally:
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
