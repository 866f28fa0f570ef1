from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.plumbing.git import CODE, RUNS
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.remotes import (
    clone,
    record,
    remote_refs,
    remote_runs,
    snapshot,
    where,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def test_unrelated_branch(ada: RunStore, bob: RunStore) -> None:
    """A branch that only bears the name is never merged."""
    git_run("push", "-q", "origin", f"HEAD:{RUNS}", cwd=where(bob))
    record(ada)
    before = branch.tip(ada.git)
    for sync in (push, pull):
        with pytest.raises(RemoteError, match="shares no history") as error:
            sync(ada)
        assert error.value.hint
    assert branch.tip(ada.git) == before


def test_unrelated_inbox(ada: RunStore, bob: RunStore) -> None:
    """An inbox that shares no history is left alone and named."""
    git_run("push", "-q", "origin", "HEAD:refs/gittrack/inbox/evil/runs", cwd=where(bob))
    record(ada)
    outcome = push(ada)
    assert outcome.problems == (
        "refs/gittrack/inbox/evil/runs shares no history with the runs branch: left alone",
    )


def test_topics_are_fetched_not_merged(ada: RunStore, bob: RunStore) -> None:
    """A topic for a pull request comes along and stays apart."""
    record(bob)
    git_run("push", "-q", "origin", f"{RUNS}:refs/heads/gittrack/review", cwd=where(bob))
    assert pull(ada).received == {}
    assert "refs/remotes/origin/gittrack/review" in ada.git.refs("refs/remotes/")


def _commit(store: RunStore, entries: str, *parents: str) -> str:
    """A commit of any tree, as somebody with evil intent may make one: lines of `git mktree`."""
    folder = where(store)
    tree = git_run("mktree", "--missing", cwd=folder, stdin=entries)
    words = [word for parent in parents for word in ("-p", parent)]
    return git_run("commit-tree", "-m", "by hand", *words, tree, cwd=folder)


def _blob(store: RunStore, content: str = "x") -> str:
    return git_run("hash-object", "-w", "--stdin", stdin=content, cwd=where(store))


def _paths(store: RunStore) -> list[str]:
    return git_run("ls-tree", "-r", "--name-only", RUNS, cwd=where(store)).splitlines()


def _push_over(store: RunStore, entries: str, ref: str = RUNS) -> None:
    """Put hand-made entries on top of the root of the branch, on the remote."""
    root = branch.root(store.git)
    listed = git_run("ls-tree", root, cwd=where(store))
    oid = _commit(store, f"{listed}\n{entries}", root)
    git_run("push", "-q", "origin", f"{oid}:{ref}", cwd=where(store))


def test_dangerous_files_stay_out(ada: RunStore, bob: RunStore) -> None:
    """A symbolic link and a submodule that somebody pushed are named and left out, the rest comes."""
    blob = _blob(bob)
    evil = _commit(
        bob, f"120000 blob {blob}\tlink\n100644 blob {blob}\tfine\n160000 commit {'1' * 40}\tmodule\n"
    )
    tree = git_run("rev-parse", f"{evil}^{{tree}}", cwd=where(bob))
    _push_over(bob, f"040000 tree {tree}\t.runs\n")
    run = record(ada)
    outcome = pull(ada)
    assert sorted(line.partition(": ")[2] for line in outcome.problems) == [
        ".runs/link: not a plain file",
        ".runs/module: not a plain file",
    ]
    assert ".runs/fine" in _paths(ada)
    assert not {".runs/link", ".runs/module"} & set(_paths(ada))
    assert run in remote_runs(where(ada))


def test_fast_forward_keeps_what_a_later_version_wrote(ada: RunStore, bob: RunStore) -> None:
    """Files of an unknown room stay on the branch, whichever way it is joined."""
    _push_over(bob, f"100644 blob {_blob(bob)}\t.later\n")
    assert pull(ada).problems == ()
    assert ".later" in _paths(ada)
    record(ada)
    record(bob)
    push(bob)
    pull(ada)
    assert ".later" in _paths(ada)


def test_inbox_brings_runs_only(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """An inbox cannot smuggle a workflow onto the branch, and is removed all the same."""
    _push_over(bob, f"100644 blob {_blob(bob)}\tevil.yml\n", "refs/gittrack/inbox/evil/runs")
    outcome = push(ada)
    assert outcome.problems == ("refs/gittrack/inbox/evil/runs: evil.yml: not a path of gittrack's",)
    assert "evil.yml" not in _paths(ada)
    assert remote_refs(remote, "refs/gittrack/inbox") == {}
    assert push(ada).problems == ()


def test_refs_that_are_no_commits(ada: RunStore, bob: RunStore) -> None:
    """A blob where a commit should be is named and left alone."""
    blob = _blob(bob)
    git_run("push", "-q", "origin", f"{blob}:refs/gittrack/code", cwd=where(bob))
    git_run("push", "-q", "origin", f"{blob}:refs/gittrack/inbox/evil/runs", cwd=where(bob))
    record(ada)
    assert sorted(pull(ada).problems) == [
        "refs/gittrack/code is not a commit: left alone",
        "refs/gittrack/inbox/evil/runs is not a commit: left alone",
    ]


def test_clash_is_decided_alike_everywhere(ada: RunStore, bob: RunStore) -> None:
    """A file that two changed by hand ends the same in both clones, and is named."""
    record(ada)
    push(ada)
    pull(bob)
    for store, content in ((ada, b"one"), (bob, b"two")):
        branch.submit(store.git, Changes("by hand", {"README.md": content}))
    push(ada)
    outcome = push(bob)
    assert ["README.md: changed on both sides" in line for line in outcome.problems] == [True]
    pull(ada)
    assert branch.tip(ada.git) == branch.tip(bob.git)


def test_deletion_by_hand_stays(ada: RunStore, bob: RunStore) -> None:
    """A run that somebody removed from the branch does not come back from other clones."""
    gone = record(ada)
    push(ada)
    pull(bob)
    record(bob)
    listed = git_run("ls-tree", branch.root(ada.git), cwd=where(ada))
    oid = _commit(ada, f"{listed}\n", str(branch.tip(ada.git)))
    git_run("update-ref", RUNS, oid, cwd=where(ada))
    push(ada)
    push(bob)
    assert gone not in remote_runs(where(bob))
    assert len(remote_runs(where(bob))) == 1


def test_many_inboxes_at_once(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """All inboxes are folded by one sync."""
    runs = set()
    for number in range(14):
        other = clone(remote, tmp_path / f"c{number}")
        runs.add(record(other))
        git_run("push", "-q", "origin", f"{RUNS}:refs/gittrack/inbox/w{number:04}/runs", cwd=where(other))
    assert push(ada).attempts == 1
    assert remote_runs(remote) == runs
    assert remote_refs(remote, "refs/gittrack/inbox") == {}
    assert git_run("fsck", "--strict", cwd=remote) == ""


def test_shallow_clone(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """A shallow clone shares runs and code, and its history stays as short as it was."""
    (where(ada) / "b.py").write_text("b")
    git_run("add", "b.py", cwd=where(ada))
    git_run("commit", "-q", "-m", "second", cwd=where(ada))
    git_run("push", "-q", cwd=where(ada))
    theirs = record(ada, snapshots=(snapshot(ada),))
    push(ada)
    shallow = clone(remote, tmp_path / "shallow", "--depth=1")
    code = snapshot(shallow, "shallow")
    mine = record(shallow, snapshots=(code,))
    outcome = push(shallow)
    assert outcome.problems == ()
    assert outcome.received == {theirs: "new"}
    assert remote_runs(remote) == {theirs, mine}
    assert git_run("rev-list", "--count", "HEAD", cwd=where(shallow)) == "1"
    push(ada)
    git_run("merge-base", "--is-ancestor", code, CODE, cwd=remote)


def test_shallow_clone_of_all_branches(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """Where the runs branch itself was cut off, it is completed, and the code's history is not."""
    (where(ada) / "b.py").write_text("b")
    git_run("add", "b.py", cwd=where(ada))
    git_run("commit", "-q", "-m", "second", cwd=where(ada))
    git_run("push", "-q", cwd=where(ada))
    both = {record(ada), record(ada)}
    push(ada)
    shallow = clone(remote, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    mine = record(shallow)
    push(shallow)
    assert remote_runs(remote) == {*both, mine}
    assert git_run("rev-list", "--count", "HEAD", cwd=where(shallow)) == "1"


def test_shallow_clone_and_an_unrelated_branch(bob: RunStore, remote: Path, tmp_path: Path) -> None:
    """A branch that only bears the name is found out in a shallow clone too."""
    git_run("push", "-q", "origin", f"HEAD:{RUNS}", cwd=where(bob))
    shallow = clone(remote, tmp_path / "shallow", "--depth=1")
    record(shallow)
    with pytest.raises(RemoteError, match="shares no history"):
        push(shallow)


def test_code_of_a_shallow_clone_that_a_remote_cannot_take(
    remote: Path, ada: RunStore, tmp_path: Path
) -> None:
    """Runs are pushed to a remote that lacks the code's history; that the code is not is said."""
    (where(ada) / "b.py").write_text("b")
    git_run("add", "b.py", cwd=where(ada))
    git_run("commit", "-q", "-m", "second", cwd=where(ada))
    git_run("push", "-q", cwd=where(ada))
    shallow = clone(remote, tmp_path / "shallow", "--depth=1")
    run = record(shallow, snapshots=(snapshot(shallow),))
    other = tmp_path / "empty.git"
    git_run("init", "-q", "--bare", str(other), cwd=tmp_path)
    outcome = push(shallow, other.as_uri())
    assert remote_runs(other) == {run}
    assert outcome.snapshots == 0
    assert len(outcome.problems) == 1
    assert "does not take code" in outcome.problems[0]
    assert "shallow" in outcome.problems[0]


def test_partial_clone(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """A partial clone gets runs whole: reading one asks the remote for nothing."""
    git_run("config", "uploadpack.allowFilter", "true", cwd=remote)
    run = record(ada)
    push(ada)
    partial = clone(remote, tmp_path / "partial", "--filter=blob:none")
    mine = record(partial)
    assert push(partial).received == {run: "new"}
    assert remote_runs(remote) == {run, mine}
    remote.rename(remote.with_name("away.git"))
    partial.git.run("rev-list", "--objects", RUNS)
    assert partial.get(run).id == run


def test_bare_repository_and_worktree(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """A bare repository and a linked worktree share runs like others."""
    git_run("clone", "-q", "--bare", remote.as_uri(), "bare.git", cwd=tmp_path)
    git_run("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other", cwd=where(ada))
    runs = set()
    for folder in (tmp_path / "bare.git", tmp_path / "tree"):
        store = type(ada).open(folder, start=folder)
        runs.add(record(store))
        push(store)
    assert remote_runs(remote) == runs


def test_mirror_keeps_its_own_runs(remote: Path, tmp_path: Path, ada: RunStore) -> None:
    """In a mirror, whose refspec covers every ref, a sync overwrites nothing of ours."""
    record(ada)
    push(ada)
    git_run("clone", "-q", "--mirror", remote.as_uri(), "mirror.git", cwd=tmp_path)
    mirror = type(ada).open(tmp_path / "mirror.git", start=tmp_path / "mirror.git")
    mine = record(mirror)
    record(ada)
    push(ada)
    push(mirror)
    assert mine in remote_runs(remote)
    assert len(remote_runs(remote)) == 3
