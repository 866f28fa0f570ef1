from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store import branch
from gittrack.store.git import CODE, RUNS
from gittrack.store.pending import Changes
from gittrack.store.sync import pull, push
from tests.support.git import git_run, make_repo
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

    from gittrack.store.runs import RunStore


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository that takes everything."""
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> RunStore:
    """A clone."""
    return clone(remote, tmp_path / "ada")


@pytest.fixture
def bob(remote: Path, tmp_path: Path) -> RunStore:
    """Another clone."""
    return clone(remote, tmp_path / "bob")


def _runs(store: RunStore) -> set[str]:
    return remote_runs(store.git.place.common_dir)


def test_push_new_run(ada: RunStore, remote: Path) -> None:
    """A run that is pushed is on the remote's branch."""
    run = record(ada)
    outcome = push(ada)
    assert remote_runs(remote) == {run}
    assert outcome.sent == {run: "new"}
    assert outcome.attempts == 1
    assert outcome.problems == ()


def test_push_again_has_nothing_to_do(ada: RunStore) -> None:
    """A second push finds everything there."""
    record(ada)
    push(ada)
    outcome = push(ada)
    assert outcome.up_to_date
    assert outcome.attempts == 0


def test_pull(ada: RunStore, bob: RunStore) -> None:
    """Runs of others come in, and nothing is pushed."""
    run = record(ada)
    push(ada)
    outcome = pull(bob)
    assert outcome.received == {run: "new"}
    assert _runs(bob) == {run}
    assert pull(bob).up_to_date


def test_clones_that_start_apart(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Two clones that made the branch by themselves share its root and hold both runs after a sync."""
    both = {record(ada), record(bob)}
    push(ada)
    push(bob)
    pull(ada)
    assert _runs(ada) == _runs(bob) == remote_runs(remote) == both
    assert branch.tip(ada.git) == branch.tip(bob.git)


def test_updated_run(ada: RunStore, bob: RunStore) -> None:
    """A later change of a run that the remote has counts as an update."""
    run = record(ada)
    push(ada)
    pull(bob)
    path = f".runs/default/{run[:4]}-{run[4:6]}/{run[6:8]}/{run}/edits/000000000000001-abcd.yaml"
    branch.submit(bob.git, Changes("edit", {path: b"{}\n"}))
    assert push(bob).sent == {run: "updated"}
    assert pull(ada).received == {run: "updated"}


def test_nothing_anywhere(ada: RunStore, remote: Path) -> None:
    """Without runs nothing is made on either side."""
    assert push(ada).up_to_date
    assert remote_refs(remote, "refs/heads/gittrack") == {}
    assert branch.tip(ada.git) is None


def _race(remote: Path, other: RunStore) -> None:
    """Let another clone's tip win: the remote moves its branch right after it was fetched."""
    oid = git_run("rev-parse", RUNS, cwd=where(other))
    git_run("push", "-q", "origin", f"{oid}:refs/heads/race", cwd=where(other))
    path = remote / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH\n"
        f"git rev-parse -q --verify refs/heads/race >/dev/null || exit 0\n"
        f"git update-ref {RUNS} {oid} && git update-ref -d refs/heads/race\n"
    )
    path.chmod(0o755)


def test_lost_race_goes_to_the_inbox(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Who is too late is done after one more push."""
    push_first = record(ada)
    push(ada)
    pull(bob)
    record(ada)
    mine = record(bob)
    _race(remote, ada)
    outcome = push(bob)
    assert outcome.sent == {mine: "inboxed"}
    assert outcome.attempts == 2
    assert remote_runs(remote, f"refs/gittrack/inbox/{bob.writer}/runs") == {push_first, mine}


def test_inbox_is_folded_by_anybody(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """The next push brings inboxes into the branch and removes them."""
    record(ada)
    push(ada)
    pull(bob)
    record(ada)
    mine = record(bob)
    _race(remote, ada)
    push(bob)
    outcome = push(ada)
    assert outcome.received == {mine: "new"}
    assert mine in remote_runs(remote)
    assert len(remote_runs(remote)) == 3
    assert remote_refs(remote, "refs/gittrack/inbox") == {}


def test_inbox_is_read_by_pull(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """A pull shows runs that wait in an inbox, and leaves the inbox."""
    mine = record(bob)
    git_run("push", "-q", "origin", f"{RUNS}:refs/gittrack/inbox/{bob.writer}/runs", cwd=where(bob))
    assert pull(ada).received == {mine: "new"}
    assert len(remote_refs(remote, "refs/gittrack/inbox")) == 1


def test_code_goes_along(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Snapshots are on the remote, and a pull brings them."""
    code = snapshot(ada)
    record(ada, snapshots=(code,))
    outcome = push(ada)
    assert outcome.snapshots == 1
    assert git_run("cat-file", "-t", code, cwd=remote) == "commit"
    pull(bob)
    assert git_run("merge-base", "--is-ancestor", code, CODE, cwd=where(bob)) == ""


def test_chains_of_code_join(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Snapshots of two clones are all reachable on the remote."""
    codes = [snapshot(ada, "a"), snapshot(bob, "b")]
    record(ada, snapshots=(codes[0],))
    record(bob, snapshots=(codes[1],))
    push(ada)
    push(bob)
    for code in codes:
        git_run("merge-base", "--is-ancestor", code, CODE, cwd=remote)
    pull(ada)
    assert push(ada).up_to_date
    assert pull(bob).up_to_date


def test_code_none(ada: RunStore, remote: Path) -> None:
    """`code.push: none` publishes no code."""
    record(ada, snapshots=(snapshot(ada),))
    git_run("config", "gittrack.code.push", "none", cwd=where(ada))
    ada = type(ada).open(where(ada), start=where(ada))
    outcome = push(ada)
    assert outcome.snapshots == 0
    assert remote_refs(remote, CODE) == {}


def test_code_committed(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """`code.push: committed` publishes commits, those that snapshots stand on included, but no snapshot."""
    (where(ada) / "b.py").write_text("b")
    git_run("add", "b.py", cwd=where(ada))
    git_run("commit", "-q", "-m", "second", cwd=where(ada))
    head = git_run("rev-parse", "HEAD", cwd=where(ada))
    private = snapshot(ada)
    record(ada, snapshots=(private,))
    git_run("config", "gittrack.code.push", "committed", cwd=where(ada))
    ada = type(ada).open(where(ada), start=where(ada))
    outcome = push(ada)
    assert outcome.snapshots == 0
    git_run("merge-base", "--is-ancestor", head, CODE, cwd=remote)
    with pytest.raises(AssertionError, match=r"Not a valid|bad file|could not get"):
        git_run("cat-file", "-t", private, cwd=remote)
    assert push(ada).up_to_date
    theirs = snapshot(bob, "theirs")
    record(bob, snapshots=(theirs,))
    push(bob)
    push(ada)
    assert push(ada).up_to_date
    git_run("merge-base", "--is-ancestor", theirs, CODE, cwd=remote)


def test_host_that_takes_branches_only(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Where `refs/gittrack/` is refused, the code goes to a branch, and comes back from it."""
    refuse(remote, "^refs/gittrack/")
    code = snapshot(ada)
    run = record(ada, snapshots=(code,))
    outcome = push(ada)
    assert outcome.sent == {run: "new"}
    assert outcome.attempts == 2
    assert outcome.problems == ()
    assert "refs/heads/gittrack/code" in remote_refs(remote)
    assert push(ada).up_to_date
    pull(bob)
    git_run("merge-base", "--is-ancestor", code, CODE, cwd=where(bob))
    record(bob, snapshots=(snapshot(bob, "b"),))
    assert push(bob).attempts == 1


def test_inbox_of_a_host_that_takes_branches_only(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """There a lost race ends in a branch, which the next sync removes."""
    record(ada)
    push(ada)
    pull(bob)
    record(ada)
    mine = record(bob)
    _race(remote, ada)
    refuse(remote, "^refs/gittrack/")
    outcome = push(bob)
    assert outcome.sent == {mine: "inboxed"}
    assert outcome.attempts == 3
    assert f"refs/heads/gittrack/inbox/{bob.writer}/runs" in remote_refs(remote)
    push(ada)
    assert mine in remote_runs(remote)
    assert not any("inbox" in ref for ref in remote_refs(remote))


def test_hook_that_looks_at_all_refs(ada: RunStore, remote: Path) -> None:
    """A pre-receive hook that minds the code does not keep the runs out."""
    refuse(remote, "gittrack/code", hook="pre-receive")
    run = record(ada, snapshots=(snapshot(ada),))
    outcome = push(ada)
    assert remote_runs(remote) == {run}
    assert outcome.snapshots == 0
    assert len(outcome.problems) == 1
    assert "does not take code at refs/heads/gittrack/code" in outcome.problems[0]
    assert "not here" in outcome.problems[0]


def test_protected_branch(ada: RunStore, remote: Path) -> None:
    """A host that does not take the runs says so, with the ref and its own words."""
    refuse(remote, "gittrack/runs", "branch is protected")
    record(ada)
    with pytest.raises(
        RemoteError, match=r"refuses refs/heads/gittrack/runs: .*branch is protected"
    ) as error:
        push(ada)
    assert error.value.hint


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


def test_user_sees_nothing_of_it(ada: RunStore, bob: RunStore) -> None:
    """Work tree, index, HEAD, FETCH_HEAD and stash stay as they are."""
    record(bob)
    push(bob)
    (where(ada) / "train.py").write_text("changed\n")
    index = (ada.git.place.git_dir / "index").read_bytes()
    status = git_run("status", "--porcelain=v2", "--branch", cwd=where(ada))
    index = (ada.git.place.git_dir / "index").read_bytes()
    record(ada)
    push(ada)
    assert (ada.git.place.git_dir / "index").read_bytes() == index
    assert git_run("status", "--porcelain=v2", "--branch", cwd=where(ada)) == status
    assert not (ada.git.place.git_dir / "FETCH_HEAD").exists()


def test_topics_are_fetched_not_merged(ada: RunStore, bob: RunStore) -> None:
    """A topic for a pull request comes along and stays apart."""
    record(bob)
    git_run("push", "-q", "origin", f"{RUNS}:refs/heads/gittrack/review", cwd=where(bob))
    assert pull(ada).received == {}
    assert "refs/remotes/origin/gittrack/review" in ada.git.refs("refs/remotes/")


def test_progress(ada: RunStore) -> None:
    """Stages of a push are reported as numbers."""
    seen: list[tuple[str, int, int | None]] = []
    record(ada)
    push(ada, progress=lambda *step: seen.append(step))
    assert ("Sending", 8, 8) in seen or any(stage == "Sending" for stage, _, _ in seen)


def test_record_for_json(ada: RunStore, remote: Path) -> None:
    """`--json` prints what happened to each run."""
    run = record(ada)
    assert push(ada).to_record() == {
        "remote": "origin",
        "url": remote.as_uri(),
        "up_to_date": False,
        "sent": {run: "new"},
        "received": {},
        "snapshots": 0,
        "attempts": 1,
        "problems": [],
    }


def test_unusual_remote_is_no_repository(ada: RunStore, tmp_path: Path) -> None:
    """A folder that is no repository is said to be none."""
    record(ada)
    with pytest.raises(RemoteError, match="is not a Git repository") as error:
        push(ada, str(tmp_path / "nowhere"))
    assert error.value.hint


def test_remote_by_path(ada: RunStore, tmp_path: Path) -> None:
    """A URL or path serves as remote without being configured."""
    other = make_remote(tmp_path / "other.git")
    run = record(ada)
    outcome = push(ada, str(other))
    assert remote_runs(other) == {run}
    assert outcome.remote == str(other)
    assert push(ada, str(other)).up_to_date


def test_configured_remote(ada: RunStore, tmp_path: Path, remote: Path) -> None:
    """`runs.remote` keeps the runs out of the code's repository."""
    other = make_remote(tmp_path / "other.git")
    git_run("config", "gittrack.runs.remote", other.as_uri(), cwd=where(ada))
    ada = type(ada).open(where(ada), start=where(ada))
    run = record(ada)
    push(ada)
    assert remote_runs(other) == {run}
    assert remote_runs(remote) == set()


def test_results_repository_keeps_code_apart(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """Where runs go to another repository, the code is pushed to its own remote."""
    results = make_remote(tmp_path / "results.git")
    clone(results, tmp_path / "results")
    store = type(ada).open(tmp_path / "results", start=where(ada))
    code = snapshot(ada)
    branch.keep_code(ada.git, [code])
    run = record(store)
    outcome = push(store)
    assert outcome.snapshots == 1
    assert remote_runs(results) == {run}
    assert remote_runs(remote) == set()
    git_run("merge-base", "--is-ancestor", code, CODE, cwd=remote)
    assert remote_refs(results, CODE) == {}


def test_results_repository_of_code_without_remote(tmp_path: Path) -> None:
    """Code that has no remote stays where it is, and that is said."""
    results = make_remote(tmp_path / "results.git")
    there = clone(results, tmp_path / "results")
    code = make_repo(tmp_path / "code")
    store = type(there).open(tmp_path / "results", start=code)
    assert store.code is not None
    branch.keep_code(store.code, [git_run("rev-parse", "HEAD", cwd=code)])
    record(store)
    outcome = push(store)
    assert outcome.problems == ("code snapshots stay here: this repository has no remote",)


def test_sha256(tmp_path: Path) -> None:
    """SHA-256 repositories sync like others."""
    remote = make_remote(tmp_path / "new.git", "--object-format=sha256")
    one, two = clone(remote, tmp_path / "one"), clone(remote, tmp_path / "two")
    both = {record(one, snapshots=(snapshot(one),)), record(two, snapshots=(snapshot(two, "b"),))}
    push(one)
    push(two)
    pull(one)
    assert _runs(one) == _runs(two) == both


def test_object_formats_do_not_mix(ada: RunStore, tmp_path: Path) -> None:
    """A SHA-256 remote of a SHA-1 clone is refused with a hint."""
    other = make_remote(tmp_path / "new.git", "--object-format=sha256")
    record(ada)
    with pytest.raises(RemoteError, match="object format") as error:
        push(ada, other.as_uri())
    assert error.value.hint
