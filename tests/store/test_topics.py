"""Topics of one clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.core.events import TagsSet
from gittrack.query.search import search
from gittrack.store import topics
from gittrack.store.runs import RunStore
from tests.support.git import git_run
from tests.support.remotes import record, remote_runs, where
from tests.support.runs import run as make_run

if TYPE_CHECKING:
    from pathlib import Path


def _ids(store: RunStore) -> set[str]:
    return {run.id for run in search(store)}


def _on(store: RunStore, name: str) -> RunStore:
    topics.fork(store, name)
    return store.on(name)


def test_a_run_goes_to_the_topic(store: RunStore) -> None:
    """On a topic the runs branch gets nothing."""
    main = record(store)
    run = record(_on(store, "lr"))
    git_dir = store.git.place.common_dir
    assert remote_runs(git_dir) == {main}
    assert remote_runs(git_dir, "refs/heads/gittrack/lr") == {main, run}


def test_a_topic_is_read_with_the_runs_branch(store: RunStore) -> None:
    """Who works on a topic sees its runs and those of the runs branch, also later ones; others do not."""
    before = record(store)
    topic = _on(store, "lr")
    run = record(topic)
    later = record(store)
    assert _ids(topic) == {before, run, later}
    assert _ids(store) == {before, later}
    assert topic.get(later).id == later


def test_a_change_of_a_later_run_goes_to_the_topic(store: RunStore) -> None:
    """A run of the runs branch that the topic does not have can be tagged there."""
    topic = _on(store, "lr")
    record(topic)
    later = record(store)
    topic.edit([later], [TagsSet({"seen": "yes"})])
    assert topic.get(later).tags == {"seen": "yes"}
    assert store.get(later).tags == {}
    topics.merge(store, "lr")
    assert store.get(later).tags == {"seen": "yes"}


def test_a_live_run_knows_its_topic(store: RunStore) -> None:
    """Whoever finishes an abandoned run commits it to the topic that it was begun on."""
    topic = _on(store, "lr")
    run = make_run(status="running", end_time=None)
    topic.create(run).close()
    assert [one.id for one in store.recover()] == [run.id]
    assert _ids(store) == set()
    assert _ids(topic) == {run.id}


def test_finish_from_the_runs_branch(store: RunStore) -> None:
    """The end of a run of a topic that another process tells goes to the topic."""
    from gittrack.core.events import Ended

    topic = _on(store, "lr")
    run = make_run(status="running", end_time=None)
    journal = topic.create(run)
    journal.event(Ended("finished", run.start_time + 5))
    journal.close()
    assert store.finish(run.id) is not None
    assert _ids(store) == set()
    assert _ids(topic) == {run.id}


def test_a_topic_that_is_not_there_is_forked_by_its_first_run(store: RunStore) -> None:
    """`GITTRACK_TOPIC` alone is enough."""
    main = record(store)
    run = record(store.on("new"))
    assert remote_runs(store.git.place.common_dir, "refs/heads/gittrack/new") == {main, run}


def test_reading_a_topic_that_is_not_there(store: RunStore) -> None:
    """It has the runs of the runs branch, and is not made."""
    main = record(store)
    assert _ids(store.on("nothing")) == {main}
    assert topics.topics(store) == []


@pytest.mark.parametrize("name", ["", "runs", "code", "inbox/x", "a..b", "-x", "a/", "x.lock", "a b", "../x"])
def test_names_that_are_none(store: RunStore, name: str) -> None:
    """What would be another ref, leave the place or look like an option is no name."""
    with pytest.raises(InvalidValue, match="not a name for a topic"):
        topics.fork(store, name)


def test_configured(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, gittrack.yaml and Git's configuration name the topic, in this order."""
    git_run("config", "gittrack.topic", "three", cwd=repo)
    assert RunStore.open(start=repo).topic == "three"
    (repo / "gittrack.yaml").write_text("topic: two\n")
    assert RunStore.open(start=repo).topic == "two"
    monkeypatch.setenv("GITTRACK_TOPIC", "one")
    assert RunStore.open(start=repo).topic == "one"
    assert RunStore.open(start=repo, topic="runs").topic is None


def test_switch_and_back(store: RunStore, repo: Path) -> None:
    """A switch is kept in the clone's configuration."""
    topics.fork(store, "lr")
    assert topics.switch(store, "lr") == "lr"
    assert RunStore.open(start=repo).topic == "lr"
    assert topics.switch(store, None) == "runs"
    assert RunStore.open(start=repo).topic is None


def test_switch_to_nothing(store: RunStore) -> None:
    """A topic that is nowhere is named."""
    with pytest.raises(GitTrackError, match="no topic absent"):
        topics.switch(store, "absent")


def test_fork_twice(store: RunStore) -> None:
    """A topic that is there is not forked again."""
    topics.fork(store, "lr")
    with pytest.raises(GitTrackError, match="already"):
        topics.fork(store, "lr")


def test_listed(store: RunStore) -> None:
    """A topic says what it would bring."""
    record(store)
    run = record(_on(store, "lr"))
    (one,) = topics.topics(store.on("lr"))
    assert one.to_record() == {
        "name": "lr",
        "current": True,
        "here": True,
        "remotes": [],
        "runs": {run: "new"},
        "merged": False,
    }


def test_merge(store: RunStore) -> None:
    """A merge brings all runs, whatever came to the runs branch meanwhile."""
    topic = _on(store, "lr")
    run = record(topic)
    other = record(store)
    merged = topics.merge(store, "lr")
    assert (dict(merged.runs), merged.problems, merged.deleted) == ({run: "new"}, (), False)
    assert _ids(store) == {run, other}
    assert topics.find(store, "lr").merged


def test_merge_twice(store: RunStore) -> None:
    """The second time there is nothing to bring."""
    record(_on(store, "lr"))
    topics.merge(store, "lr")
    assert topics.merge(store, "lr").to_record() == {
        "topic": "lr",
        "runs": {},
        "deleted": False,
        "problems": [],
    }


def test_merge_leaves_workflows_out(store: RunStore) -> None:
    """A file that a host would run does not come in by a merge."""
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes

    topic = _on(store, "lr")
    run = record(topic)
    branch.submit(topic.git, Changes("x", {".github/workflows/x.yml": b"on: push\n"}))
    merged = topics.merge(store, "lr")
    assert merged.runs == {run: "new"}
    assert merged.problems == ("topic lr: .github/workflows/x.yml: not a path of gittrack's",)
    assert ".github" not in git_run("ls-tree", "-r", "--name-only", "gittrack/runs", cwd=where(store))


def test_merge_and_delete(store: RunStore, repo: Path) -> None:
    """The topic is gone afterwards, with all that was kept beside it, and nobody is on it."""
    topic = _on(store, "lr")
    topics.switch(store, "lr")
    record(topic)
    assert _ids(topic)
    assert topics.merge(store, "lr", remove=True).deleted
    assert topics.topics(store) == []
    assert not (store.git.directory / "topics" / "lr").exists()
    assert RunStore.open(start=repo).topic is None


def test_merge_unrelated(store: RunStore) -> None:
    """A branch that only looks like a topic is refused."""
    record(store)
    tree = git_run("mktree", cwd=where(store))
    alien = git_run("commit-tree", "-m", "x", tree, cwd=where(store))
    git_run("update-ref", "refs/heads/gittrack/alien", alien, cwd=where(store))
    with pytest.raises(GitTrackError, match="shares no history"):
        topics.merge(store, "alien")


def test_delete_needs_a_merge(store: RunStore) -> None:
    """Runs that are nowhere else are dropped by force only."""
    record(_on(store, "lr"))
    with pytest.raises(GitTrackError, match="has 1 run that the runs branch has not"):
        topics.delete(store, "lr")
    assert topics.delete(store, "lr", force=True).runs
    assert topics.topics(store) == []


def test_delete_what_is_not_here(store: RunStore) -> None:
    """A topic that is not in this clone cannot be removed from it."""
    with pytest.raises(GitTrackError, match="no topic lr"):
        topics.delete(store, "lr")


def test_pending_changes_find_their_branch(store: RunStore) -> None:
    """What killed writers left is committed where it belongs, by whoever comes next."""
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes, leave
    from gittrack.store.format import layout

    topic = _on(store, "lr")
    run = make_run()
    leave(topic.git, Changes("left", layout.run_files(run, [], None), ref=topic.git.runs))
    main = record(store)
    assert branch.flush(store.git) == 0
    assert _ids(store) == {main}
    assert _ids(topic) == {main, run.id}


def test_the_view_outlives_a_clean_up(store: RunStore) -> None:
    """The commit that joins a topic with the runs branch is kept, and made again where it is lost."""
    topic = _on(store, "lr")
    run = record(topic)
    main = record(store)
    assert _ids(topic) == {run, main}
    git_run("gc", "--quiet", "--prune=now", cwd=where(store))
    assert _ids(store.on("lr")) == {run, main}
    git_run("update-ref", "-d", "refs/gittrack/views/lr", cwd=where(store))
    git_run("gc", "--quiet", "--prune=now", cwd=where(store))
    assert _ids(store.on("lr")) == {run, main}


def test_the_first_index_of_a_topic_is_a_copy(store: RunStore) -> None:
    """The runs of the runs branch are not read again."""
    main = record(store)
    assert _ids(store) == {main}
    topic = _on(store, "lr")
    run = record(topic)
    assert _ids(topic) == {main, run}
    assert (store.git.directory / "topics" / "lr" / "index.sqlite").exists()


def test_history_of_a_topic(store: RunStore) -> None:
    """The log has the commits of the topic and of the runs branch, and not the one that joins them."""
    from gittrack.store.log import commits

    topic = _on(store, "lr")
    names = {record(topic), record(store)}
    assert _ids(topic) == names
    assert {one.subject for one in commits(topic.git, 10)} == {f"gittrack: finished {name}" for name in names}
