"""Steps that another run stands for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.store.kept.places import Kept
from gittrack.store.kept.uploads import put
from gittrack.store.runs import RunStore
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.launch.projects.request import ProjectRun

_PROJECT = """\
entry_points:
  make: {command: python make.py}
"""
_MAKE = """\
import gittrack, pathlib
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/w.bin").write_bytes(b"weights")
gittrack.log_artifact("model")
"""


@pytest.fixture
def made(repo: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectRun:
    """A step that was run and made a directory."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (repo / "MLproject").write_text(_PROJECT)
    (repo / "make.py").write_text(_MAKE)
    (repo / ".gitignore").write_text("model\n")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "project", cwd=repo)
    return again(repo)


def again(repo: Path) -> ProjectRun:
    """The step where it is needed."""
    return gittrack.run_project(repo, "make", needed=True)


def _forget(repo: Path) -> None:
    shutil.rmtree(repo / ".git" / "gittrack" / "objects")


def test_what_it_made_is_here(made: ProjectRun, repo: Path) -> None:
    """Then it stands for a new one."""
    assert again(repo).run_id == made.run_id


def test_what_it_made_is_gone(made: ProjectRun, repo: Path) -> None:
    """Then it does not, and what is missing is said; the new one does again."""
    _forget(repo)
    new = again(repo)
    assert not new.reused
    assert new.reason.startswith("model")
    assert new.reason.endswith(f"of run {made.run_id}, which did the same, cannot be had any more")
    assert again(repo).run_id in {new.run_id, made.run_id}


def test_what_it_made_is_in_the_store(made: ProjectRun, repo: Path, tmp_path: Path) -> None:
    """That is enough; with a store that is gone it is not."""
    (tmp_path / "bucket").mkdir()
    git_run("config", "gittrack.artifacts.url", (tmp_path / "bucket").as_uri(), cwd=repo)
    put(Kept(RunStore.open(start=repo)))
    _forget(repo)
    assert again(repo).run_id == made.run_id
    shutil.rmtree(tmp_path / "bucket")
    assert not again(repo).reused
