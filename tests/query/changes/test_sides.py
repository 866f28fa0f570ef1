from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RunNotFound
from gittrack.core.records import Source
from gittrack.query.changes.sides import sides
from tests.cli.recorded import record
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def runs(repo: Path, store: RunStore) -> tuple[Run, Run]:
    """A run of main and, two commits later, one of a topic; after that a commit without runs."""
    first = git_run("rev-parse", "HEAD", cwd=repo)
    old = record(store, name="old", source=Source(first, snapshot=first))
    git_run("checkout", "-q", "-b", "topic", cwd=repo)
    git_run("commit", "-q", "--allow-empty", "-m", "two", cwd=repo)
    second = git_run("rev-parse", "HEAD", cwd=repo)
    new = record(store, name="new", source=Source(second, snapshot=second))
    git_run("commit", "-q", "--allow-empty", "-m", "three", cwd=repo)
    return old, new


def ids(store: RunStore, *words: str) -> list[str]:
    """The ids that words name."""
    return [one.run.id for one in sides(store, words)]


def test_a_range_of_branches(store: RunStore, runs: tuple[Run, Run]) -> None:
    """Each end is the newest finished run of the branch or of its nearest commit that has one."""
    assert ids(store, "main..topic") == [run.id for run in runs]
    assert ids(store, "main..") == ids(store, "main..HEAD") == ids(store, "main...topic")
    note = sides(store, ["main..topic"])[1].note
    assert "1 commit before topic" in note


def test_runs_and_commits(store: RunStore, runs: tuple[Run, Run]) -> None:
    """RUNs stand for themselves, in a range as well; a lone branch is understood."""
    _, new = runs
    assert ids(store, "old", new.id) == ids(store, "old..new") == ids(store, "main", "topic")
    assert ids(store, "@last") == [new.id]
    assert sides(store, ["old"])[0].note == ""


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("word", ["nothing", "nothing..main", "@best:loss9", "--all"])
def test_what_is_neither(store: RunStore, word: str) -> None:
    """A word that is neither a run nor a revision is an error; none becomes an option."""
    with pytest.raises(RunNotFound):
        sides(store, [word])


def test_a_commit_without_runs(repo: Path, store: RunStore) -> None:
    """Where no commit before it has a finished run, that is said."""
    record(store, name="other", source=Source("1" * 40))
    assert repo.is_dir()
    with pytest.raises(RunNotFound, match="no finished run of HEAD"):
        sides(store, ["HEAD.."])
