from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.git import git_run
from tests.support.snapshots import take_snapshot, tree_of

if TYPE_CHECKING:
    from pathlib import Path


def test_filter_fails(repo: Path) -> None:
    """Where a clean filter fails, files go in as they are, and all of them are named."""
    (repo / ".gitattributes").write_text("*.bin filter=lfs\n")
    git_run("add", ".gitattributes", cwd=repo)
    git_run("commit", "-qm", "attributes", cwd=repo)
    git_run("config", "filter.lfs.clean", "no-such-command-here %f", cwd=repo)
    git_run("config", "filter.lfs.required", "true", cwd=repo)
    (repo / "a.bin").write_text("a")
    (repo / "b.bin").write_text("b")
    source = take_snapshot(repo)
    assert tree_of(repo, source.snapshot)["b.bin"] == "100644 b"
    reason = "its filter lfs failed: stored as it is in the work tree"
    assert source.left_out == {"a.bin": reason, "b.bin": reason}


def test_filter_of_a_tracked_file_fails(repo: Path) -> None:
    """The same for a changed file, which `git status` puts through the filter too."""
    (repo / ".gitattributes").write_text("*.bin filter=lfs\n")
    (repo / "a.bin").write_text("a")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "attributes", cwd=repo)
    git_run("config", "filter.lfs.process", "no-such-command-here", cwd=repo)
    git_run("config", "filter.lfs.clean", "no-such-command-here", cwd=repo)
    git_run("config", "filter.lfs.required", "true", cwd=repo)
    (repo / "a.bin").write_text("b")
    source = take_snapshot(repo)
    assert tree_of(repo, source.snapshot)["a.bin"] == "100644 b"
    assert set(source.left_out) == {"a.bin"}


def test_filter_runs(repo: Path) -> None:
    """A clean filter runs as for `git add`."""
    (repo / ".gitattributes").write_text("*.up filter=upper\n")
    git_run("config", "filter.upper.clean", "tr a-z A-Z", cwd=repo)
    (repo / "a.up").write_text("abc")
    assert tree_of(repo, take_snapshot(repo).snapshot)["a.up"] == "100644 ABC"
