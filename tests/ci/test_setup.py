"""Workflow files: written where they belong, and never over somebody's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.ci import setup
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from tests.support.git import git_run
from tests.support.remotes import record, where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

REPORT = ".github/workflows/gittrack-report.yml"


def test_write(tmp_path: Path) -> None:
    """The files of a host are written; a second time they are there."""
    done = setup.write(tmp_path, "github")
    assert REPORT in done.paths
    assert all((tmp_path / path).is_file() for path in done.paths)
    assert setup.write(tmp_path, "github") == ((), done.paths)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that differs stays, and none is written; --force writes."""
    (tmp_path / REPORT).parent.mkdir(parents=True)
    (tmp_path / REPORT).write_text("mine\n")
    with pytest.raises(GitTrackError, match="is there and differs"):
        setup.write(tmp_path, "github")
    assert [path.name for path in (tmp_path / ".github/workflows").iterdir()] == ["gittrack-report.yml"]
    setup.write(tmp_path, "github", force=True)
    assert (tmp_path / REPORT).read_text() != "mine\n"


def test_cannot_be_written(tmp_path: Path) -> None:
    """A file where a folder should be is said."""
    (tmp_path / ".gitlab").write_text("")
    with pytest.raises(GitTrackError, match="cannot write"):
        setup.write(tmp_path, "gitlab")


@pytest.mark.parametrize("files", [setup.files_for("github"), setup.files_for("gitlab")])
def test_rendered(files: dict[str, str]) -> None:
    """No placeholder is left, and gittrack is installed in the version that wrote the file."""
    for text in files.values():
        assert "@CHECKOUT@" not in text
        assert "@GITTRACK" not in text
        assert "@VERSION@" not in text
        assert "gittrack==" in text or "gittrack[projects]==" in text


def _tree(store: RunStore) -> list[str]:
    return git_run("ls-tree", "-r", "--name-only", "gittrack/runs", cwd=where(store)).splitlines()


def test_the_runs_branch(store: RunStore) -> None:
    """Its files are committed to it, whatever topic is worked on, and the runs stay."""
    run = record(store)
    done = setup.write_to_runs_branch(store.on("lr"), ["@org/ml", "ada@example.org"])
    assert done.paths == (".github/workflows/gittrack-runs.yml", ".github/CODEOWNERS")
    assert done.present == (".gitattributes",)
    assert set(done.paths) < set(_tree(store))
    assert any(run in path for path in _tree(store))
    owners = git_run("show", "gittrack/runs:.github/CODEOWNERS", cwd=where(store))
    assert "\n.runs/ @org/ml ada@example.org\n" in owners
    assert setup.write_to_runs_branch(store, ["@org/ml", "ada@example.org"]).paths == ()


def test_the_runs_branch_is_not_overwritten(store: RunStore) -> None:
    """A workflow that somebody changed stays; lines that somebody added to .gitattributes do, too."""
    changed = {
        ".github/workflows/gittrack-runs.yml": b"mine\n",
        ".gitattributes": b"*.png binary\n",
    }
    branch.submit(store.git, Changes("mine", changed))
    with pytest.raises(GitTrackError, match="is there and differs"):
        setup.write_to_runs_branch(store)
    done = setup.write_to_runs_branch(store, force=True)
    assert done.paths == (".github/workflows/gittrack-runs.yml", ".gitattributes")
    attributes = git_run("show", "gittrack/runs:.gitattributes", cwd=where(store)).splitlines()
    assert attributes[0] == "*.png binary"
    assert ".runs/**/metrics.jsonl linguist-generated" in attributes


@pytest.mark.parametrize("owner", ["org", "@a b", "@a\nx", "@a#b"])
def test_owners_that_are_none(owner: str) -> None:
    """What is no owner is refused."""
    with pytest.raises(InvalidValue, match="not an owner"):
        setup.files_for_runs_branch([owner])
