from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store.plumbing.git import CODE, RUNS
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.remotes import (
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


def test_inbox_that_is_being_removed(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Who finds somebody else at work on its inbox takes another one, and that is folded too."""
    record(ada)
    push(ada)
    pull(bob)
    record(ada)
    mine = record(bob)
    _race(remote, ada)
    lock = remote / f"refs/gittrack/inbox/{bob.writer}/runs.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    outcome = push(bob)
    assert outcome.sent == {mine: "inboxed"}
    assert outcome.attempts == 3
    assert mine in remote_runs(remote, f"refs/gittrack/inbox/{bob.writer}/again/runs")
    lock.unlink()
    push(ada)
    assert mine in remote_runs(remote)
    assert remote_refs(remote, "refs/gittrack/inbox") == {}


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
