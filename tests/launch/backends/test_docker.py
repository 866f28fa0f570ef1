"""A project that names no container, run in one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.core.config import Config
from gittrack.core.errors import UsageError
from gittrack.launch.backends.engine import Engine
from gittrack.launch.projects import job
from gittrack.launch.projects.request import Request
from gittrack.store.runs import RunStore
from tests.support.containers import IMAGE, Podman, podman, podman_store
from tests.support.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["podman", "podman_store"]
PROJECT = """\
entry_points:
  main: {command: "python3 -c 'import os; os.environ[\\"A\\"]' && ls /data"}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It needs an image with Python, a variable and a folder."""
    path = make_project(tmp_path / "project", PROJECT)
    monkeypatch.chdir(path)
    return path


def engine(**options: object) -> Engine:
    """The backend, told something."""
    return Engine.of(Config.load(None, {}, dict), "docker", json.dumps(options))


def test_run(project: Path, podman: Podman) -> None:
    """In the image that the backend was told."""
    on = engine(image=IMAGE, volumes=["./:/data"], environment={"A": "1"})
    written: list[str] = []
    with job.opened(Request()) as ready:
        run = on.follow(ready.store, on.submit(ready), write=written.append)
    assert run.status == "finished", written
    assert "show.py" in "".join(written)
    found = RunStore.open(start=project).environment(run.id)
    assert found["container"]["image"] == IMAGE
    assert run.tags["gittrack.project.backend"] == "docker"
    assert podman.running() == []


def test_no_image(project: Path) -> None:
    """There is none to run in."""
    del project
    with job.opened(Request()) as ready, pytest.raises(UsageError, match="no image is given"):
        engine().submit(ready)


def test_preview(project: Path) -> None:
    """The image, and the command that starts it."""
    del project
    with job.opened(Request()) as ready:
        shown = engine(image="x:1").preview(ready)["job"]
    assert shown.startswith("image: x:1\n")
    assert "gittrack exec" in shown
