"""Topics between clones, and what hosts do with pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError, RemoteError
from gittrack.query.search import search
from gittrack.store import topics
from gittrack.store.plumbing.git import CODE, RUNS
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.remotes import (
    clone,
    make_remote,
    record,
    refuse,
    remote_refs,
    remote_runs,
    snapshot,
    where,
)

if TYPE_CHECKING:
    from pathlib import Path

LR = "refs/heads/gittrack/lr"


def _ids(store: RunStore) -> list[str]:
    return sorted(run.id for run in search(store))


def _host(remote: Path, way: str, *, delete: bool = True) -> None:
    """Merge the pull request of `lr` as a host does, and delete its branch."""
    work = remote.with_name(f"host-{way}")
    git_run("clone", "-q", "-b", "gittrack/runs", remote.as_uri(), str(work), cwd=remote.parent)
    if way == "merge":
        git_run("merge", "-q", "--no-ff", "-m", "Merge pull request #1", "origin/gittrack/lr", cwd=work)
    elif way == "squash":
        git_run("merge", "-q", "--squash", "origin/gittrack/lr", cwd=work)
        git_run("commit", "-q", "-m", "Runs of lr (#1)", cwd=work)
    else:
        git_run("checkout", "-q", "-b", "lr", "origin/gittrack/lr", cwd=work)
        git_run("rebase", "-q", "--force-rebase", "gittrack/runs", cwd=work)
        git_run("checkout", "-q", "gittrack/runs", cwd=work)
        git_run("merge", "-q", "--ff-only", "lr", cwd=work)
    git_run("push", "-q", "origin", "gittrack/runs", cwd=work)
    if delete:
        git_run("push", "-q", "origin", ":gittrack/lr", cwd=work)


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_a_pull_request_keeps_every_run(ada: RunStore, bob: RunStore, remote: Path, way: str) -> None:
    """However a host merges: every clone has each run once, the topic is cleaned up, code is kept."""
    first = record(ada)
    topics.fork(ada, "lr")
    code = snapshot(ada)
    mine = [record(ada.on("lr"), snapshots=(code,)), record(ada.on("lr"))]
    assert push(ada).topics == {"lr": "sent"}
    other = record(bob)
    push(bob)
    _host(remote, way)
    outcome = pull(ada)
    everything = sorted([first, other, *mine])
    assert outcome.topics == {"lr": "merged"}
    assert outcome.problems == ()
    assert _ids(ada) == everything
    assert topics.topics(ada) == []
    pull(bob)
    assert _ids(bob) == everything
    fresh = clone(remote, remote.with_name("fresh"))
    pull(fresh)
    assert _ids(fresh) == everything
    assert git_run("merge-base", "--is-ancestor", code, CODE, cwd=where(fresh)) == ""
    assert push(ada).up_to_date
    assert remote_refs(remote, "refs/heads/gittrack/").keys() == {RUNS}


def test_the_pull_request_shows_only_its_runs(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """What a host compares are the files of the topic's runs, whatever came to the runs branch meanwhile."""
    record(ada)
    topics.fork(ada, "lr")
    run = record(ada.on("lr"))
    push(ada)
    record(bob)
    push(bob)
    names = git_run("diff", "--name-only", f"{RUNS}...{LR}", cwd=remote).splitlines()
    assert [name.split("/")[-2:] for name in names] == [[run, "run.yaml"]]


def test_runs_of_a_topic_stay_off_the_runs_branch(ada: RunStore, remote: Path) -> None:
    """A push takes the topic along and leaves the runs branch as it was."""
    main = record(ada)
    topics.fork(ada, "lr")
    run = record(ada.on("lr"))
    outcome = push(ada)
    assert outcome.sent == {main: "new", run: "new"}
    assert remote_runs(remote) == {main}
    assert remote_runs(remote, LR) == {main, run}


def test_two_on_one_topic(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Runs of two clones on one topic come together."""
    topics.fork(ada, "lr")
    one = record(ada.on("lr"))
    push(ada)
    assert pull(bob).topics == {"lr": "there"}
    topics.switch(bob, "lr")
    two = record(bob.on("lr"))
    three = record(ada.on("lr"))
    assert push(bob).topics == {"lr": "sent"}
    outcome = push(ada)
    assert outcome.topics == {"lr": "sent"}
    assert remote_runs(remote, LR) == {one, two, three}
    assert pull(bob).received == {three: "new"}
    assert _ids(bob.on("lr")) == sorted([one, two, three])


def test_lost_race(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Who finds the topic moved between its fetch and its push joins and pushes again."""
    topics.fork(ada, "lr")
    one = record(ada.on("lr"))
    push(ada)
    pull(bob)
    topics.switch(bob, "lr")
    two, three = record(bob.on("lr")), record(ada.on("lr"))
    from gittrack.store.sync.remote import resolve
    from gittrack.store.sync.topics import Topics

    stale = remote_refs(remote)
    push(bob)
    late = Topics(ada.git, resolve(ada.git, None))
    late.push(stale, None)
    assert late.problems == []
    assert remote_runs(remote, LR) == {one, two, three}


def test_deleted_without_a_merge(ada: RunStore, remote: Path) -> None:
    """A topic that was deleted on the remote stays here, is not published again by itself, and says so."""
    topics.fork(ada, "lr")
    run = record(ada.on("lr"))
    push(ada)
    git_run("update-ref", "-d", LR, cwd=remote)
    outcome = push(ada)
    assert "topic lr is gone from origin" in outcome.problems[0]
    assert LR not in remote_refs(remote)
    assert _ids(ada.on("lr")) == [run]
    topics.fork(ada, "lr", again=True)
    assert push(ada).topics == {"lr": "sent"}
    assert remote_runs(remote, LR) == {run}


def test_merged_and_not_deleted(ada: RunStore, remote: Path) -> None:
    """A topic whose branch the host keeps stays here until somebody deletes it."""
    topics.fork(ada, "lr")
    record(ada.on("lr"))
    push(ada)
    _host(remote, "squash", delete=False)
    pull(ada)
    assert topics.find(ada, "lr").merged
    topics.delete(ada, "lr")
    assert not topics.find(ada, "lr").here
    assert pull(ada).topics == {}
    with pytest.raises(GitTrackError, match="in this clone"):
        topics.delete(ada, "lr")
    topics.delete(ada, "lr", remote=True)
    assert topics.topics(ada) == []
    assert LR not in remote_refs(remote)


def test_delete_there_what_moved(ada: RunStore, bob: RunStore) -> None:
    """Runs that came to the remote's topic meanwhile are not deleted unseen."""
    topics.fork(ada, "lr")
    record(ada.on("lr"))
    push(ada)
    pull(bob)
    topics.switch(bob, "lr")
    record(bob.on("lr"))
    push(bob)
    with pytest.raises(RemoteError, match="does not delete topic lr"):
        topics.delete(ada, "lr", force=True, remote=True)
    assert topics.find(ada, "lr").here


def test_merge_without_a_host(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """`merge` takes a topic that only a remote has, and a push shares the result."""
    topics.fork(ada, "lr")
    run = record(ada.on("lr"))
    push(ada)
    pull(bob)
    assert topics.merge(bob, "lr").runs == {run: "new"}
    push(bob)
    assert remote_runs(remote) == {run}
    pull(ada)
    assert topics.find(ada, "lr").merged


def test_protected_runs_branch(ada: RunStore, remote: Path) -> None:
    """Where the host keeps the runs branch for reviewed runs, they go to a topic and nothing fails."""
    first = record(ada)
    push(ada)
    run = record(ada)
    refuse(remote, "gittrack/runs$", "protected branch")
    with pytest.raises(RemoteError, match="protected branch") as caught:
        push(ada)
    assert "gittrack branch TOPIC" in (caught.value.hint or "")
    topics.fork(ada, "lr")
    outcome = push(ada.on("lr"))
    assert outcome.topics == {"lr": "sent"}
    assert outcome.sent == {run: "new"}
    assert "does not take runs" in outcome.problems[0]
    (remote / "hooks" / "update").unlink()
    _host(remote, "squash")
    refuse(remote, "gittrack/runs$", "protected branch")
    assert pull(ada).topics == {"lr": "merged"}
    assert push(ada).up_to_date
    assert _ids(ada) == sorted([first, run])


def test_a_host_that_takes_no_topics(ada: RunStore, remote: Path) -> None:
    """It is said, and the runs branch is pushed all the same."""
    main = record(ada)
    topics.fork(ada, "lr")
    record(ada.on("lr"))
    refuse(remote, "gittrack/lr$", "no topics here")
    outcome = push(ada)
    assert "does not take topic lr" in outcome.problems[0]
    assert remote_runs(remote) == {main}


def test_empty_topics_stay_here(ada: RunStore, remote: Path) -> None:
    """A topic without runs is pushed only while it is worked on."""
    record(ada)
    topics.fork(ada, "lr")
    push(ada)
    assert LR not in remote_refs(remote)
    push(ada.on("lr"))
    assert LR in remote_refs(remote)


def test_unrelated_topic(ada: RunStore, remote: Path) -> None:
    """A branch of the remote that only bears the name is left alone."""
    topics.fork(ada, "lr")
    run = record(ada.on("lr"))
    git_run("update-ref", LR, "main", cwd=remote)
    outcome = pull(ada)
    assert "shares no history" in outcome.problems[0]
    assert _ids(ada.on("lr")) == [run]


def test_shallow_clone(ada: RunStore, remote: Path) -> None:
    """A shallow clone of the topic joins it with what came meanwhile."""
    record(ada)
    topics.fork(ada, "lr")
    one = record(ada.on("lr"))
    push(ada)
    shallow = clone(remote, remote.with_name("shallow"), "--depth=1", "--no-single-branch")
    pull(shallow)
    topics.switch(shallow, "lr")
    two = record(shallow.on("lr"))
    three = record(ada.on("lr"))
    push(ada)
    outcome = push(shallow.on("lr"))
    assert outcome.problems == ()
    assert {one, two, three} <= remote_runs(remote, LR)


def test_sha256(tmp_path: Path) -> None:
    """Topics work where object ids are longer."""
    remote = make_remote(tmp_path / "remote.git", "--object-format=sha256")
    ada = clone(remote, tmp_path / "ada")
    topics.fork(ada, "lr")
    runs = sorted([record(ada.on("lr")), record(ada)])
    assert _ids(ada.on("lr")) == runs
    push(ada)
    _host(remote, "squash")
    assert pull(ada).topics == {"lr": "merged"}
    assert _ids(ada) == runs


def test_artifacts_of_a_topic_are_sent(ada: RunStore, tmp_path: Path) -> None:
    """What the runs of a topic name is in the artifact store before the topic is published."""
    from gittrack.core.records import Artifact, Run
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes
    from gittrack.store.format import layout

    (where(ada) / "gittrack.yaml").write_text(f"artifacts: {{url: {(tmp_path / 'shelf').as_uri()}}}\n")
    store = RunStore.open(where(ada), start=where(ada), topic="lr")
    (tmp_path / "shelf").mkdir()
    file = tmp_path / "weights.bin"
    file.write_bytes(b"weights")
    kept = Artifact("weights.bin", *store.objects.put_file(file))
    run = Run(store.new_id(), status="finished", start_time=1, end_time=2, artifacts=(kept,))
    branch.submit(store.git, Changes("x", layout.run_files(run, [], None)))
    assert push(store).artifacts.sent == 1
    assert any(path.name.startswith(kept.sha256[:8]) for path in (tmp_path / "shelf").rglob("*"))


def test_artifacts_that_stay_are_counted(ada: RunStore, tmp_path: Path) -> None:
    """Without an artifact store a push says what the runs of a topic name that stays on this machine."""
    from gittrack.core.records import Artifact, Run
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes
    from gittrack.store.format import layout

    topics.fork(ada, "lr")
    store = ada.on("lr")
    file = tmp_path / "weights.bin"
    file.write_bytes(b"weights")
    kept = Artifact("weights.bin", *store.objects.put_file(file))
    run = Run(store.new_id(), status="finished", start_time=1, end_time=2, artifacts=(kept,))
    branch.submit(store.git, Changes("x", layout.run_files(run, [], None)))
    assert push(store).artifacts.stayed == 1
