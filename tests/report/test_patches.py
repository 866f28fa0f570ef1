"""The patch of Git, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.report import patches as module
from gittrack.report.patches import patches
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def patch_of(repo: Path) -> str:
    """What Git says of the work tree."""
    git_run("add", "-A", cwd=repo)
    return git_run("diff", "--stat", "--patch", "--cached", cwd=repo)


def test_files(repo: Path) -> None:
    """Each has its name and its lines; a line of a file that looks like a header begins none."""
    (repo / "train.py").write_text("diff --git a/x b/x\n+++ b/y\n")
    (repo / "with space.py").write_text("1\n")
    first, second = patches(patch_of(repo))
    assert first.title == "train.py"
    assert "+diff --git a/x b/x" in first.text
    assert (second.title, second.text) == ("with space.py", "@@ -0,0 +1 @@\n+1")


def test_a_file_that_is_gone(repo: Path) -> None:
    """Has the name that it had."""
    (repo / "train.py").unlink()
    (only,) = patches(patch_of(repo))
    assert only.title == "train.py"


def test_a_binary_file(repo: Path) -> None:
    """Has what Git says of it."""
    (repo / "a.bin").write_bytes(b"\0\1")
    (only,) = patches(patch_of(repo))
    assert "Binary files" in only.text


def test_long_files_are_cut(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said by how many lines; so are those after a page is full."""
    (repo / "a.py").write_text("1\n" * 50)
    (repo / "b.py").write_text("2\n" * 50)
    monkeypatch.setattr(module, "MOST_LINES", 11)
    first, second = patches(patch_of(repo))
    assert (first.text.count("\n+1"), first.more) == (10, 40)
    monkeypatch.setattr(module, "WHOLE", 40)
    first, second = patches(patch_of(repo))
    assert (second.text, second.more) == ("", 51)
