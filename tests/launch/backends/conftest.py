"""A project whose code is not committed, and engines to run it on."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.launch.backends.engine import Engine
from gittrack.launch.projects import job
from gittrack.launch.projects.request import Request
from gittrack.store.runs import RunStore
from tests.support.engines import Engines
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.launch.backends.submission import Submission

# without site: a signal while coverage starts or saves in the child would be a failure of its own
MLPROJECT = """\
name: demo
entry_points:
  main:
    parameters:
      text: {default: plain}
      code: {type: int, default: 0}
      seconds: {type: int, default: 0}
    command: "PYTHON -S train.py {text} {code} {seconds}"
  read:
    parameters: {data: path}
    command: "cat {data}"
"""
TRAIN = """\
import json, os, sys, time
text, code, seconds = sys.argv[1:]
with open(os.environ["GITTRACK_JOURNAL"], "a") as journal:
    journal.write(json.dumps({"event": "metric", "key": "loss", "value": 0.5}) + "\\n")
print("VERSION says", text, flush=True)
time.sleep(int(seconds))
sys.exit(int(code))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a repository, with a change that is not committed, and the current folder in it."""
    path = make_repo(tmp_path / "a project", commit=False)
    (path / "MLproject").write_text(MLPROJECT.replace("PYTHON", sys.executable))
    (path / "train.py").write_text(TRAIN)
    (path / "data.csv").write_text("1,2\n")
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "project", cwd=path)
    (path / "train.py").write_text(TRAIN.replace("VERSION", "uncommitted"))
    monkeypatch.chdir(path)
    return path


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Engines, started when they are first asked for."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "engines"
    folder.mkdir(exist_ok=True)
    found = Engines(folder)
    try:
        yield found
    finally:
        found.stop()
        from gittrack.launch.backends import dask

        dask.close()


@dataclass
class Place:
    """The project and an engine."""

    engine: Engine
    project: Path
    printed: list[str] = field(default_factory=list)

    @property
    def store(self) -> RunStore:
        """A store as another command would open it."""
        return RunStore.open(start=self.project)

    def submit(self, entry: str = "main", **params: Any) -> Submission:
        """Hand the project over."""
        with job.opened(Request(".", entry, params=params)) as ready:
            return self.engine.submit(ready)

    def follow(self, submitted: Submission) -> Run:
        """Wait for it."""
        return self.engine.follow(self.store, submitted, write=self.printed.append)

    def run(self, entry: str = "main", **params: Any) -> Run:
        """Both."""
        return self.follow(self.submit(entry, **params))


def place(name: str, project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Place:
    """The project and an engine of that name."""
    options: dict[str, Any] = dict(more)
    if name != "local":
        environment = engines.environment(name)
        if name == "dask":  # which reads variables when it is imported
            options["address"] = environment["DASK_SCHEDULER_ADDRESS"]
        else:
            for key, value in environment.items():
                monkeypatch.setenv(key, value)
    return Place(Engine.of(RunStore.open(start=project).config, name, options), project)


@pytest.fixture
def local(project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The project on this machine."""
    return place("local", project, engines, monkeypatch)


@pytest.fixture(params=["local", "slurm", "dask", "ray"])
def anywhere(
    request: pytest.FixtureRequest, project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> Place:
    """The project on each engine."""
    return place(request.param, project, engines, monkeypatch)
