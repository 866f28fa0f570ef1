"""The README of the runs branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.ci import front_page
from gittrack.core.errors import GitTrackError
from gittrack.core.events import TagsSet
from gittrack.store import topics
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.sync.share import pull, push
from tests.store.test_runs import recorded
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote, record, where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

NOW = 1_795_000_100_000


def _readme(store: RunStore) -> str:
    return git_run("show", "gittrack/runs:README.md", cwd=where(store))


def test_written_on_request(store: RunStore) -> None:
    """It is committed when it is asked for, and not again where nothing is new."""
    run = record(store)
    text = front_page.leaderboard(store, now=NOW)
    assert run in text
    assert "1 of 1 runs, the newest first." in text
    assert front_page.publish(store, text)
    assert _readme(store) == text.rstrip("\n")
    assert not front_page.publish(store, text)


def test_best_first(store: RunStore) -> None:
    """A leaderboard is sorted and cut as asked."""
    runs = [recorded(store, value) for value in (0.5, 0.9, 0.7)]
    text = front_page.leaderboard(store, order_by=["metrics.loss DESC"], limit=2, now=NOW)
    assert text.index(runs[1].id) < text.index(runs[2].id)
    assert runs[0].id not in text
    assert "2 of 3 runs, by metrics.loss DESC." in text


def test_filtered(store: RunStore) -> None:
    """A FILTER is said, its signs without meaning."""
    recorded(store, 0.5)
    text = front_page.leaderboard(store, "metrics.acc > 0.9", now=NOW)
    assert "0 of 1 runs that match metrics.acc &#62; 0.9, the newest first." in text


def test_hostile_text(store: RunStore) -> None:
    """Names of runs and tags are text in the table."""
    run = recorded(store, 0.5)
    store.edit([run.id], [TagsSet({"x": "a|b <img src=x> @ada ![x](y)"})])
    text = front_page.leaderboard(store, columns=["tags.x"], now=NOW)
    assert "<img" not in text
    assert "@ada" not in text
    assert "![" not in text


def test_never_on_a_topic(store: RunStore) -> None:
    """Who works on a topic writes the front page of the runs branch, from its runs alone."""
    main = record(store)
    topics.fork(store, "lr")
    run = record(store.on("lr"))
    text = front_page.leaderboard(store.on("lr"), now=NOW)
    assert main in text
    assert run not in text
    front_page.publish(store.on("lr"), text)
    names = git_run("ls-tree", "--name-only", "gittrack/lr", cwd=where(store)).splitlines()
    assert "README.md" not in names


def test_written_by_hand(store: RunStore) -> None:
    """Somebody's own README stays unless told otherwise."""
    branch.submit(store.git, Changes("x", {"README.md": b"mine\n"}))
    with pytest.raises(GitTrackError, match="written by hand"):
        front_page.publish(store, "x")
    assert front_page.publish(store, "x", force=True)


def test_two_clones_do_not_conflict(tmp_path: Path) -> None:
    """Two that wrote it apart are joined, every run is there, and asking again writes it anew."""
    remote = make_remote(tmp_path / "remote.git")
    ada, bob = (clone(remote, tmp_path / name) for name in ("ada", "bob"))
    runs = []
    for store in (ada, bob):
        runs.append(record(store))
        front_page.publish(store, front_page.leaderboard(store, now=NOW))
    push(ada)
    push(bob)
    pull(ada)
    assert _readme(ada) == _readme(bob)
    assert front_page.publish(ada, front_page.leaderboard(ada, now=NOW))
    push(ada)
    pull(bob)
    assert all(run in _readme(bob) for run in runs)


def test_a_merge_on_a_host_does_not_conflict(tmp_path: Path) -> None:
    """A front page that was written while a topic was under review is no obstacle."""
    remote = make_remote(tmp_path / "remote.git")
    ada = clone(remote, tmp_path / "ada")
    record(ada)
    front_page.publish(ada, front_page.leaderboard(ada, now=NOW))
    topics.fork(ada, "lr")
    record(ada.on("lr"))
    record(ada)
    front_page.publish(ada, front_page.leaderboard(ada, now=NOW))
    push(ada)
    host = tmp_path / "host"
    git_run("clone", "-q", "-b", "gittrack/runs", remote.as_uri(), str(host), cwd=tmp_path)
    git_run("merge", "-q", "--no-ff", "-m", "Merge", "origin/gittrack/lr", cwd=host)


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ("{loss: min}", "metrics.loss ASC"),
        ("{'val/*': max, loss: {goal: max}}", "metrics.loss DESC"),
        ("{loss: {atol: 0.1}}", "the newest first"),
    ],
)
def test_ranked_by_a_goal(repo: Path, rules: str, order: str) -> None:
    """Without --sort the first metric with a goal ranks."""
    from gittrack.store.runs import RunStore as Store

    (repo / "gittrack.yaml").write_text(f"metrics: {rules}\n")
    store = Store.open(start=repo)
    recorded(store, 0.5)
    assert f"runs, {order}." in front_page.leaderboard(store, now=NOW).replace("by metrics", "metrics")
