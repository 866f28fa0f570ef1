from __future__ import annotations

import os
from pathlib import Path

import pytest

from gittrack.core.errors import GitFailed
from gittrack.core.records import Source
from gittrack.store.plumbing.git import discover
from gittrack.tracking.snapshot import _commit
from gittrack.tracking.snapshot_files import Choice
from gittrack.tracking.snapshot_filters import Filters
from tests.support.git import git_run, make_repo
from tests.support.snapshots import names_of, take_snapshot, tree_of, user_state


def test_clean_tree(repo: Path) -> None:
    """A clean tree needs no commit of its own: the snapshot is HEAD."""
    head = git_run("rev-parse", "HEAD", cwd=repo)
    assert take_snapshot(repo) == Source(commit=head, snapshot=head, branch="main", directory=".")


def test_dirty_tree_is_complete(repo: Path) -> None:
    """Staged, unstaged and untracked files are in, deleted ones are not."""
    for name in ("kept", "changed", "deleted", "removed", "both"):
        (repo / name).write_text("first\n")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    (repo / "changed").write_text("second\n")
    (repo / "deleted").unlink()
    git_run("rm", "-q", "--cached", "removed", cwd=repo)
    (repo / "removed").unlink()
    (repo / "staged").write_text("staged\n")
    (repo / "both").write_text("staged\n")
    git_run("add", "staged", "both", cwd=repo)
    (repo / "both").write_text("then changed\n")
    (repo / "folder").mkdir()
    (repo / "folder" / "new").write_text("new\n")
    source = take_snapshot(repo)
    assert source.dirty
    assert tree_of(repo, source.snapshot) == {
        "both": "100644 then changed",
        "changed": "100644 second",
        "folder/new": "100644 new",
        "kept": "100644 first",
        "staged": "100644 staged",
        "train.py": "100644 print('training')",
    }


def test_commit_of_a_dirty_tree(repo: Path) -> None:
    """The snapshot's parent is HEAD; author and date are fixed."""
    (repo / "new").write_text("x")
    snapshot = str(take_snapshot(repo).snapshot)
    shown = git_run("show", "-s", "--format=%P|%an|%ae|%cn|%s|%at", snapshot, cwd=repo)
    head, date = git_run("show", "-s", "--format=%H|%ct", "HEAD", cwd=repo).split("|")
    assert shown == f"{head}|gittrack|gittrack@localhost|gittrack|gittrack snapshot|{date}"


def test_user_state_stays(repo: Path) -> None:
    """Index (to the byte and its time), HEAD, refs, stash and files of the user stay."""
    (repo / "train.py").write_text("changed\n")
    (repo / "staged").write_text("x")
    git_run("add", "staged", cwd=repo)
    (repo / "new").write_text("x")
    before = user_state(repo)
    assert take_snapshot(repo).snapshot
    assert user_state(repo) == before
    assert not (repo / ".git" / "index.lock").exists()


def test_no_hook_runs(repo: Path, tmp_path: Path) -> None:
    """No hook of the user runs."""
    mark = tmp_path / "mark"
    for name in ("post-index-change", "pre-commit", "post-commit", "reference-transaction", "post-checkout"):
        hook = repo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
        hook.chmod(0o755)
    (repo / "new").write_text("x")
    assert take_snapshot(repo).snapshot
    assert not mark.exists()


def test_same_tree_same_snapshot(repo: Path) -> None:
    """Ten runs of one dirty tree share one commit."""
    (repo / "new").write_text("x")
    assert len({take_snapshot(repo).snapshot for _ in range(3)}) == 1


def test_change_that_keeps_size_and_time(repo: Path) -> None:
    """A change of a file right after it was staged is seen, though size and time are the same."""
    (repo / "a").write_text("1")
    git_run("add", "a", cwd=repo)
    found = (repo / "a").stat()
    (repo / "a").write_text("2")
    os.utime(repo / "a", ns=(found.st_atime_ns, found.st_mtime_ns))
    assert tree_of(repo, take_snapshot(repo).snapshot)["a"] == "100644 2"


def test_unborn_head(tmp_path: Path) -> None:
    """Before the first commit the snapshot is a root commit."""
    path = make_repo(tmp_path / "new", commit=False)
    (path / "a").write_text("x")
    source = take_snapshot(path)
    assert (source.commit, source.branch) == (None, "main")
    assert git_run("rev-list", "--count", str(source.snapshot), cwd=path) == "1"


def test_unborn_and_empty(tmp_path: Path) -> None:
    """Without commit and files there is nothing to keep, and it says so."""
    path = make_repo(tmp_path / "new", commit=False)
    assert take_snapshot(path).missing == "no commit yet"


def test_detached_head(repo: Path) -> None:
    """A detached HEAD has no branch."""
    git_run("checkout", "-q", "--detach", cwd=repo)
    assert take_snapshot(repo).branch is None


def test_bare_repository(tmp_path: Path) -> None:
    """A bare repository has no code that runs."""
    path = make_repo(tmp_path / "bare", "--bare", commit=False)
    assert take_snapshot(path).missing == "bare repository"


def test_disabled(repo: Path) -> None:
    """Switched off, commit and state are still recorded."""
    (repo / "new").write_text("x")
    source = take_snapshot(repo, snapshot__enabled=False)
    assert (source.dirty, source.snapshot, source.missing) == (True, None, "disabled")


def test_linked_worktree(repo: Path, tmp_path: Path) -> None:
    """A linked work tree has its own index."""
    git_run("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"), cwd=repo)
    (tmp_path / "linked" / "new").write_text("x")
    source = take_snapshot(tmp_path / "linked")
    assert source.branch == "other"
    assert names_of(repo, source.snapshot) == {"new", "train.py"}


def test_sha256(tmp_path: Path) -> None:
    """SHA-256 repositories work, deletions and left out files too."""
    path = make_repo(tmp_path / "sha256", "--object-format=sha256")
    (path / "train.py").unlink()
    (path / ".env").write_text("x")
    git_run("add", ".env", cwd=path)
    (path / "new").write_text("x")
    source = take_snapshot(path)
    assert len(str(source.snapshot)) == 64
    assert names_of(path, source.snapshot) == {"new"}


def test_no_identity(repo: Path) -> None:
    """A user that Git does not know can take snapshots, and signing settings do not matter."""
    (Path.home() / ".gitconfig").write_text("[user]\nuseConfigOnly = true\n[commit]\ngpgSign = true\n")
    (repo / "new").write_text("x")
    assert take_snapshot(repo).snapshot


def test_directory(repo: Path, tmp_path: Path) -> None:
    """Where the command ran, relative to the top; nothing when outside."""
    (repo / "sub" / "deep").mkdir(parents=True)
    assert take_snapshot(repo, repo / "sub" / "deep").directory == "sub/deep"
    assert take_snapshot(repo, tmp_path).directory is None


def test_remote_of_the_branch(repo: Path) -> None:
    """The remote that the branch follows counts before origin; credentials are cut out."""
    git_run("remote", "add", "origin", "https://host/origin.git", cwd=repo)
    git_run("remote", "add", "Mine", "https://me:secret@host/mine.git", cwd=repo)
    assert take_snapshot(repo).remote == "https://host/origin.git"
    git_run("config", "branch.main.remote", "Mine", cwd=repo)
    assert take_snapshot(repo).remote == "https://host/mine.git"


# ---- what fails


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(repo: Path) -> None:
    """A file that cannot be read is named, the rest goes in."""
    (repo / "shut").write_text("x")
    (repo / "shut").chmod(0)
    (repo / "new").write_text("x")
    source = take_snapshot(repo)
    assert names_of(repo, source.snapshot) == {"new", "train.py"}
    assert set(source.left_out) == {"shut"}


def test_read_only_repository(repo: Path) -> None:
    """Where no object can be written there is no snapshot, and no exception."""
    (repo / "new").write_text("only here")
    for number in range(256):
        place = repo / ".git" / "objects" / f"{number:02x}"
        if not place.exists():
            place.write_text("in the way of a folder")
    source = take_snapshot(repo)
    assert source.snapshot is None
    assert source.commit
    assert str(source.missing).startswith("cannot be written: ")


def test_broken_index(repo: Path) -> None:
    """An index that Git cannot read is the reason given."""
    (repo / ".git" / "index").write_bytes(b"broken" * 100)
    assert str(take_snapshot(repo).missing).startswith("Git cannot read the work tree: ")


def test_encoding_is_wrong(repo: Path) -> None:
    """A file that is not in the encoding its attributes claim is left out, with Git's reason."""
    (repo / ".gitattributes").write_text("*.txt working-tree-encoding=UTF-16\n")
    (repo / "plain.txt").write_text("abc")
    source = take_snapshot(repo)
    assert names_of(repo, source.snapshot) == {".gitattributes", "train.py"}
    assert source.left_out["plain.txt"].startswith("cannot be read: BOM is required")


def test_line_endings_that_would_be_lost(repo: Path) -> None:
    """What `git add` would refuse for its line endings goes in."""
    git_run("config", "core.autocrlf", "input", cwd=repo)
    git_run("config", "core.safecrlf", "true", cwd=repo)
    (repo / "mixed.txt").write_bytes(b"a\r\nb\n")
    assert "mixed.txt" in names_of(repo, take_snapshot(repo).snapshot)


def test_too_many_unreadable(repo: Path) -> None:
    """When one file after the other cannot be read there is no snapshot, and it says so."""
    for number in range(21):
        make_repo(repo / f"inner{number}", commit=False)
    assert take_snapshot(repo).missing == "cannot be written: too many files cannot be read"


def test_index_that_cannot_be_changed(repo: Path) -> None:
    """What Git refuses without naming a file is the reason given."""
    (repo / "new").write_text("x")
    choice = Choice(add=[b"../outside"])
    with pytest.raises(GitFailed):
        _commit(discover(repo), None, choice, Filters())
