from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.records import Run, Source
from gittrack.query.changes.code import code_diff
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def run_of(commit: str | None) -> Run:
    """A run of that code."""
    return Run("a", source=Source(commit))


def test_summary_and_patch(repo: Path, store: RunStore) -> None:
    """What `git diff` says of two commits."""
    first = git_run("rev-parse", "HEAD", cwd=repo)
    (repo / "train.py").write_text("more\n")
    git_run("commit", "-q", "-am", "more", cwd=repo)
    second = git_run("rev-parse", "HEAD", cwd=repo)
    found = code_diff(store, run_of(first), run_of(second))
    assert "train.py | 2 +-" in found.text
    assert "+more" in found.text
    assert "+more" not in code_diff(store, run_of(first), run_of(second), patch=False).text


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        (None, "was not recorded"),
        ("--output=/tmp/x", "was not recorded"),
        ("HEAD", "was not recorded"),
        ("1" * 40, "commit 1111111111 is not in this clone"),
    ],
)
def test_code_that_is_not_here(commit: str | None, said: str, repo: Path, store: RunStore) -> None:
    """Only whole commit ids are handed to Git, and one that is missing is named."""
    head = git_run("rev-parse", "HEAD", cwd=repo)
    found = code_diff(store, run_of(head), run_of(commit))
    assert found.text == ""
    assert said in str(found.missing)


def test_a_commit_that_is_a_blob(repo: Path, store: RunStore) -> None:
    """An id of something else is not code."""
    blob = git_run("rev-parse", "HEAD:train.py", cwd=repo)
    assert code_diff(store, run_of(blob), run_of(blob)).missing is not None
