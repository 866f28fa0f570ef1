"""`gittrack init`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.store.test_runs import recorded
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def hub(repo: Path, tmp_path: Path) -> Path:
    """A bare repository that is the origin of the current one."""
    path = make_repo(tmp_path / "hub.git", "--bare", commit=False)
    git_run("remote", "add", "origin", str(path), cwd=repo)
    return path


def test_says_what_it_wrote(repo: Path, hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each thing that was written is said."""
    assert invoke(["init"]) == 0
    shown = capsys.readouterr().out
    assert "gittrack/runs" in shown
    for spec in git_run("config", "--get-all", "remote.origin.fetch", cwd=repo).splitlines():
        assert spec in shown or spec == "+refs/heads/*:refs/remotes/origin/*"
    assert hub.exists()


def test_again(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time there is nothing to do."""
    assert hub.exists()
    invoke(["init"])
    capsys.readouterr()
    assert invoke(["init"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Nothing to do.\n")


def test_fetch_brings_runs(
    store: RunStore, hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After init, plain `git fetch` brings the runs of others."""
    recorded(store, 0.5)
    assert invoke(["push"]) == 0
    clone = make_repo(tmp_path / "clone")
    git_run("remote", "add", "origin", str(hub), cwd=clone)
    monkeypatch.chdir(clone)
    assert invoke(["init"]) == 0
    git_run("fetch", "-q", cwd=clone)
    assert git_run("rev-parse", "origin/gittrack/runs", cwd=clone) == git_run(
        "rev-parse", "gittrack/runs", cwd=hub
    )


def test_undo(repo: Path, hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was written into Git's configuration is taken back; runs stay."""
    before = git_run("config", "--get-all", "remote.origin.fetch", cwd=repo)
    invoke(["init"])
    capsys.readouterr()
    assert invoke(["init", "--undo", "--json"]) == 0
    assert any("Kept the runs" in text for text in json.loads(capsys.readouterr().out))
    assert git_run("config", "--get-all", "remote.origin.fetch", cwd=repo) == before
    assert hub.exists()


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside of a repository there is a hint."""
    monkeypatch.chdir(tmp_path)
    assert invoke(["init"]) == 1
    assert "hint: run `git init` here" in capsys.readouterr().err
