"""A fetch of what a review reads, into the clone of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.ci.fetching import fetch_for_review
from gittrack.core.errors import RemoteError
from gittrack.query.search import search
from gittrack.store import topics
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote, record, where

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository that filters."""
    path = make_remote(tmp_path / "remote.git")
    git_run("config", "uploadpack.allowFilter", "true", cwd=path)
    return path


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> RunStore:
    """A clone that has pushed two runs, and one on the topic `lr`."""
    store = clone(remote, tmp_path / "ada")
    record(store)
    record(store)
    topics.fork(store, "lr")
    record(store.on("lr"))
    push(store)
    return store


def _ids(store: RunStore) -> set[str]:
    return {run.id for run in search(store)}


def _job(remote: Path, tmp_path: Path, *options: str) -> RunStore:
    return clone(remote, tmp_path / "job", "--depth=1", *options)


def _again(store: RunStore) -> RunStore:
    return RunStore.open(where(store), start=where(store))


def test_runs_without_history(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """The runs come as one commit, the code with its whole history."""
    (where(ada) / "train.py").write_text("x\n")
    git_run("commit", "-q", "-a", "-m", "second", cwd=where(ada))
    git_run("push", "-q", "origin", "main", cwd=where(ada))
    job = _job(remote, tmp_path)
    found = fetch_for_review(job)
    assert (found.runs, found.topic, found.problems) == (True, None, ())
    assert _ids(_again(job)) == _ids(ada)
    assert git_run("rev-list", "--count", "gittrack/runs", cwd=where(job)) == "1"
    assert git_run("rev-list", "--count", "HEAD", cwd=where(job)) == "2"


def test_a_topic(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """The topic is read with the runs branch by whatever command comes next."""
    job = _job(remote, tmp_path)
    assert fetch_for_review(job, topic="lr").topic == "lr"
    assert _ids(_again(job)) == _ids(ada.on("lr"))


@pytest.mark.parametrize("topic", ["absent", "runs", "--upload-pack=x", "../x", ""])
def test_topics_that_are_none(ada: RunStore, remote: Path, tmp_path: Path, topic: str) -> None:
    """The name of a branch of code need be no topic's."""
    job = _job(remote, tmp_path)
    assert fetch_for_review(job, topic=topic).topic is None
    assert _ids(_again(job)) == _ids(ada)


def test_a_fork(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """The runs of a fork are read with those of the repository, its topic rather than its runs branch."""
    fork = tmp_path / "fork.git"
    git_run("clone", "-q", "--mirror", str(remote), str(fork), cwd=tmp_path)
    bob = clone(fork, tmp_path / "bob")
    topics.fork(bob, "mine")
    theirs = record(bob.on("mine"))
    push(bob)
    later = record(ada)
    push(ada)
    job = _job(remote, tmp_path)
    assert fetch_for_review(job, topic="mine", fork=fork.as_uri()).topic == "fork"
    assert {theirs, later} < _ids(_again(job))


def test_a_fork_without_a_topic(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """Then its runs branch is read."""
    fork = tmp_path / "fork.git"
    git_run("clone", "-q", "--mirror", str(remote), str(fork), cwd=tmp_path)
    bob = clone(fork, tmp_path / "bob")
    theirs = record(bob)
    push(bob)
    job = _job(remote, tmp_path)
    assert fetch_for_review(job, fork=fork.as_uri()).topic == "fork"
    assert _ids(_again(job)) == {theirs, *_ids(ada)}


def test_a_fork_that_is_gone(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """It is said, and the runs of the repository are there."""
    job = _job(remote, tmp_path)
    found = fetch_for_review(job, fork=(tmp_path / "gone.git").as_uri())
    assert len(found.problems) == 1
    assert found.topic is None
    assert _ids(_again(job)) == _ids(ada)


def test_no_runs_yet(remote: Path, tmp_path: Path) -> None:
    """A repository without a runs branch is no failure."""
    assert not fetch_for_review(_job(remote, tmp_path)).runs


def test_a_clone_that_has_runs(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """It is brought up to date as by a pull."""
    bob = clone(remote, tmp_path / "bob")
    mine = record(bob)
    assert fetch_for_review(bob).runs
    assert _ids(bob) == {mine, *_ids(ada)}


@pytest.mark.usefixtures("ada")
def test_nobody_there(remote: Path, tmp_path: Path) -> None:
    """A remote that cannot be reached is an error."""
    job = _job(remote, tmp_path)
    remote.rename(tmp_path / "moved.git")
    with pytest.raises(RemoteError):
        fetch_for_review(job)
    whole = clone(tmp_path / "moved.git", tmp_path / "whole")
    (tmp_path / "moved.git").rename(tmp_path / "moved-again.git")
    with pytest.raises(RemoteError):
        fetch_for_review(whole)


def test_large_files_stay_there(remote: Path, tmp_path: Path) -> None:
    """What is larger than a run's file comes when it is read."""
    from gittrack.core.records import Run
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes
    from gittrack.store.format import layout

    ada = clone(remote, tmp_path / "ada")
    run = Run(ada.new_id(), status="finished", start_time=1, end_time=2)
    files = layout.run_files(run, [], None)
    big = f"{layout.run_directory(run)}/artifacts/big.txt"
    branch.submit(ada.git, Changes("x", {**files, big: b"x" * 100_000}))
    push(ada)
    job = _job(remote, tmp_path)
    fetch_for_review(job)
    oid = git_run("rev-parse", f"gittrack/runs:{big}", cwd=where(job))
    here = git_run("cat-file", "--batch-check", "--batch-all-objects", cwd=where(job))
    assert oid not in here
    assert len(git_run("cat-file", "blob", oid, cwd=where(job))) == 100_000
