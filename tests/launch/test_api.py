from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import gittrack
from gittrack.launch.projects.request import ProjectFailed
from tests.support.projects import make_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and the current folder in it."""
    monkeypatch.setenv("SHOWN", str(tmp_path / "shown.json"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    path = make_project(tmp_path / "project")
    monkeypatch.chdir(path)
    return path


def test_run_project(project: Path) -> None:
    """The finished run comes back; it takes paths and any values."""
    done = gittrack.run_project(project, params={"alpha": 0.25}, name="n")
    assert (done.run.status, done.run.params["alpha"], done.run.name, done.reused) == (
        "finished",
        0.25,
        "n",
        False,
    )
    assert gittrack.get_run(done.run_id).params == done.run.params


def test_needed(project: Path) -> None:
    """The second time the first run stands for it."""
    first = gittrack.run_project(project, needed=True)
    again = gittrack.run_project(project, needed=True)
    assert (again.run_id, again.reused) == (first.run_id, True)
    assert again.reason == "code, params, inputs and environment are unchanged"


def test_nested(project: Path) -> None:
    """Inside of a run it is nested in it."""
    with gittrack.start_run() as parent:
        child = gittrack.run_project(project)
    assert child.run.parent_id == parent.run_id


def test_failure(project: Path) -> None:
    """A command that fails raises; its run is recorded."""
    with pytest.raises(ProjectFailed, match="'fail' failed with exit code 3") as caught:
        gittrack.run_project(project, "fail")
    assert gittrack.get_run(caught.value.run_id).exit_code == 3


def test_storage(project: Path, tmp_path: Path) -> None:
    """Downloads can be kept."""
    with gittrack.start_run("data"):
        gittrack.log_text("1", "d.csv")
    gittrack.run_project(project, "read", params={"data": "runs:/data/d.csv"}, storage_dir=tmp_path / "kept")
    (kept,) = (tmp_path / "kept").glob("*/param_0/d.csv")
    assert kept.read_text() == "1"
