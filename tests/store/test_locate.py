"""Which repository the runs go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import NotARepository
from gittrack.store.locate import is_url, locate
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A repository for results."""
    return make_repo(tmp_path / "results", commit=False)


def test_the_current_repository(repo: Path) -> None:
    """Without a word about it, runs go where the code is."""
    located = locate(None, repo)
    assert located.runs is located.code
    assert located.runs.place.work_tree == repo


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an error with a way out."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NotARepository, match="not a Git repository"):
        locate(None, tmp_path)


def test_an_option(repo: Path, results: Path) -> None:
    """A path given at the call; the code stays what it is."""
    located = locate("../results", repo)
    assert located.runs.place.work_tree == results
    assert located.code is not None
    assert located.code.place.work_tree == repo


def test_the_variable(repo: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GITTRACK_REPO names it for every command."""
    monkeypatch.setenv("GITTRACK_REPO", str(results))
    assert locate(None, repo).runs.place.work_tree == results


def test_the_file(repo: Path, results: Path) -> None:
    """A relative path in gittrack.yaml starts from the file."""
    (repo / "gittrack.yaml").write_text("repo: ../results\n")
    (repo / "deep").mkdir()
    assert locate(None, repo / "deep").runs.place.work_tree == results


def test_code_outside_of_a_repository(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that is in no repository can be tracked in one; its configuration holds."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "loose").mkdir()
    git_run("config", "gittrack.experiment", "theirs", cwd=results)
    located = locate(results, tmp_path / "loose")
    assert located.code is None
    assert located.config.get("experiment") == "theirs"


def test_the_same_repository_by_name(repo: Path) -> None:
    """Naming the repository of the code is as naming none."""
    located = locate(str(repo), repo)
    assert located.runs is located.code


def test_a_folder_that_is_not_there(repo: Path) -> None:
    """A wrong path is named."""
    with pytest.raises(NotARepository, match="no such repository"):
        locate("../nowhere", repo)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a.git", True),
        ("ssh://git@example.org/a", True),
        ("git@example.org:a/b.git", True),
        ("file:///srv/a.git", True),
        ("../results", False),
        ("/srv/a", False),
        ("C:\\work", False),
        ("results", False),
    ],
)
def test_urls(text: str, expected: bool) -> None:  # noqa: FBT001  a column of the table
    """What is a URL and what a path."""
    assert is_url(text) is expected
