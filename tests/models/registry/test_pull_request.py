"""Changes that wait for a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import InvalidValue
from gittrack.models.registry.pull_request import form
from gittrack.store import topics
from gittrack.store.registry.read import model
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.registry import registered
from tests.support.remotes import clone, make_remote, where

if TYPE_CHECKING:
    from pathlib import Path

COMPARE = "https://github.com/ada/churn/compare/gittrack/runs...gittrack/promote/churn?expand=1"

WORDS = "merge_request[source_branch]=gittrack%2Fpromote%2Fchurn&merge_request[target_branch]=gittrack%2Fruns"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://github.com/ada/churn.git", COMPARE),
        ("https://github.com/ada/churn", COMPARE),
        ("git@github.com:ada/churn.git", COMPARE),
        ("ssh://git@github.com:22/ada/churn.git", COMPARE),
        ("https://gitea.example.org/ada/churn", COMPARE.replace("github.com", "gitea.example.org")),
        (
            "git@gitlab.com:ada/team/churn.git",
            f"https://gitlab.com/ada/team/churn/-/merge_requests/new?{WORDS}",
        ),
        ("https://example.org/ada/churn", None),
        ("/srv/git/churn.git", None),
        ("file:///srv/git/churn.git", None),
    ],
)
def test_form(url: str, page: str | None) -> None:
    """The page of a known host."""
    assert form(url, "gittrack/promote/churn") == page


def test_promotion_by_pull_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is on the branch alone, has one file, and counts once it is merged."""
    remote = make_remote(tmp_path / "remote.git")
    ada = clone(remote, tmp_path / "ada")
    registered(ada)
    push(ada)
    monkeypatch.chdir(where(ada))
    done = gittrack.promote_model("churn/1", "production", branch="promote/churn")
    assert (done.branch, done.version) == ("promote/churn", 1)
    assert done.next_steps == (
        "gittrack push",
        "open a pull request: gittrack/promote/churn into gittrack/runs",
    )
    assert model(ada.git, "churn").aliases == {}
    assert model(ada.on("promote/churn").git, "churn").aliases == {"production": 1}
    changed = git_run("diff", "--name-only", "gittrack/runs", "gittrack/promote/churn", cwd=where(ada))
    assert changed.startswith(".models/churn/aliases/production/")
    assert "\n" not in changed
    push(ada)
    git_run("fetch", "-q", str(remote), "gittrack/promote/churn", cwd=where(ada))  # the host merges, squashed
    git_run("switch", "-q", "gittrack/runs", cwd=where(ada))
    git_run("merge", "-q", "--squash", "FETCH_HEAD", cwd=where(ada))
    git_run("commit", "-q", "-m", "promote churn (#1)", cwd=where(ada))
    git_run("push", "-q", "origin", "gittrack/runs", ":gittrack/promote/churn", cwd=where(ada))
    bob = clone(remote, tmp_path / "bob")
    pull(bob)
    assert model(bob.git, "churn").aliases == {"production": 1}


def test_several_changes_on_a_branch(store: RunStore) -> None:
    """The second goes to the same branch; registering and removing can wait there, too."""
    one = registered(store)
    gittrack.promote_model("churn/1", "production", branch="review")
    gittrack.demote_model("churn", "production", branch="review")
    gittrack.edit_model("churn/1", tags={"a": "b"}, branch="review")
    gittrack.register_model("models:/churn/1", "churn-eu", branch="review")
    there = RunStore.open(where(store)).on("review")
    assert model(there.git, "churn").aliases == {}
    assert model(there.git, "churn-eu").versions[0].run_id == one.run_id
    assert model(store.git, "churn-eu").versions == ()
    topics.merge(store, "review")
    assert model(store.git, "churn").versions[0].tags == {"a": "b"}
    assert model(store.git, "churn-eu").versions[0].run_id == one.run_id


def test_without_a_remote(store: RunStore) -> None:
    """There is nowhere to open one yet."""
    registered(store)
    done = gittrack.promote_model("churn/1", "production", branch="review")
    assert done.next_steps == ("git remote add origin URL", "gittrack push")


@pytest.mark.parametrize("branch", ["runs", "inbox/x", "../up", "--force", "a b"])
def test_no_branch(store: RunStore, branch: str) -> None:
    """Names that are no topic's."""
    registered(store)
    with pytest.raises(InvalidValue, match="not a name for a topic"):
        gittrack.promote_model("churn/1", "production", branch=branch)
