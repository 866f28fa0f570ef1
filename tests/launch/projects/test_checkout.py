from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.launch.projects import checkout
from gittrack.launch.projects.checkout import NoSuchVersion
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a tag, a branch, and runs."""
    path = make_repo(tmp_path / "origin")
    (path / "MLproject").write_text("name: old\n")
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "project", cwd=path)
    git_run("tag", "-a", "-m", "one", "v1", cwd=path)
    git_run("branch", "gittrack/runs", cwd=path)
    git_run("checkout", "-q", "-b", "feature/x", cwd=path)
    (path / "MLproject").write_text("name: new\n")
    git_run("commit", "-q", "-a", "-m", "new", cwd=path)
    git_run("checkout", "-q", "main", cwd=path)
    return path


def head(path: Path, revision: str = "HEAD") -> str:
    """The commit of a revision."""
    return git_run("rev-parse", f"{revision}^{{commit}}", cwd=path)


@pytest.mark.parametrize(("version", "revision"), [(None, "main"), ("v1", "v1"), ("feature/x", "feature/x")])
def test_versions(origin: Path, version: str | None, revision: str) -> None:
    """HEAD, a tag, a branch."""
    _, commit = checkout.clone(f"file://{origin}", version)
    assert commit == head(origin, revision)


def test_commits(origin: Path) -> None:
    """A commit by its id or the beginning of it."""
    wanted = head(origin, "feature/x")
    for version in (wanted, wanted[:9]):
        assert checkout.clone(f"file://{origin}", version)[1] == wanted


def test_clone_is_kept_and_follows(origin: Path) -> None:
    """The second time the same clone is brought up to date; runs are not fetched."""
    first, _ = checkout.clone(f"file://{origin}", None)
    git_run("commit", "-q", "--allow-empty", "-m", "more", cwd=origin)
    second, commit = checkout.clone(f"file://{origin}", None)
    assert first.place == second.place
    assert commit == head(origin)
    assert not [name for name in second.refs() if "gittrack/runs" in name]


def test_known_commit_needs_no_network(origin: Path) -> None:
    """A whole id that is there already is enough."""
    wanted = head(origin)
    checkout.clone(f"file://{origin}", None)
    origin.rename(origin.with_name("away"))
    assert checkout.clone(f"file://{origin}", wanted)[1] == wanted
    with pytest.raises(RemoteError):
        checkout.clone(f"file://{origin}", "main")


@pytest.mark.parametrize("version", ["", "-x", "--upload-pack=touch x", "a:b", "a\nb", "gone", "0123456789"])
def test_no_such_version(origin: Path, version: str) -> None:
    """A version that is not there, or is none; nothing becomes an option."""
    with pytest.raises(NoSuchVersion):
        checkout.clone(f"file://{origin}", version)


def test_no_repository(tmp_path: Path) -> None:
    """What cannot be fetched is told, and leaves nothing behind."""
    for _ in range(2):
        with pytest.raises(RemoteError):
            checkout.clone(f"file://{tmp_path}/none", None)


def test_empty_repository(tmp_path: Path) -> None:
    """A repository without commits has no project."""
    empty = make_repo(tmp_path / "empty", commit=False)
    with pytest.raises(NoSuchVersion, match="has no commit"):
        checkout.clone(f"file://{empty}", None)


def test_sha256(tmp_path: Path) -> None:
    """A repository of the other object format is cloned too."""
    other = make_repo(tmp_path / "other", "--object-format=sha256")
    assert len(checkout.clone(f"file://{other}", None)[1]) == 64


def test_work_tree(origin: Path) -> None:
    """The files of a commit; gone with the block, and so is what Git knows of it."""
    git, commit = checkout.clone(f"file://{origin}", "feature/x")
    with checkout.work_tree(git, commit) as tree:
        assert (tree / "MLproject").read_text() == "name: new\n"
    assert not tree.exists()
    assert git.run("worktree", "list").text.count("\n") == 0


def test_hooks_are_not_run(origin: Path, tmp_path: Path) -> None:
    """A hook in the clone does nothing."""
    git, commit = checkout.clone(f"file://{origin}", None)
    hook = git.place.git_dir / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with checkout.work_tree(git, commit):
        assert not (tmp_path / "ran").exists()


def test_submodules(origin: Path, tmp_path: Path) -> None:
    """They are checked out; one that cannot be fetched is told."""
    part = make_repo(tmp_path / "part")
    words = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        f"file://{part}",
        "lib",
    ]
    subprocess.run(words, cwd=origin, check=True, capture_output=True)
    git_run("commit", "-q", "-m", "lib", cwd=origin)
    git, commit = checkout.clone(f"file://{origin}", None)
    with checkout.work_tree(git, commit) as tree:
        assert (tree / "lib" / "train.py").exists()
    part.rename(tmp_path / "away")
    with pytest.raises(RemoteError, match="submodules cannot be fetched"), checkout.work_tree(git, commit):
        pass
