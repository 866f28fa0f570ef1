from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.store.commit import branch
from gittrack.store.plumbing.git import CODE
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run, make_repo
from tests.support.remotes import (
    clone,
    make_remote,
    record,
    remote_refs,
    remote_runs,
    snapshot,
    where,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


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


def test_damaged_code_does_not_keep_runs_here(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Where a snapshot is missing, the runs are shared all the same, and that is said."""
    record(bob, snapshots=(snapshot(bob, "b"),))
    push(bob)
    code = snapshot(ada)
    run = record(ada, snapshots=(code,))
    (ada.git.place.common_dir / "objects" / code[:2] / code[2:]).unlink()
    outcome = push(ada)
    assert run in remote_runs(remote)
    assert outcome.snapshots == 0
    assert outcome.problems
    assert all(line.startswith("code snapshots cannot be") for line in outcome.problems)


def test_damaged_code_on_a_fresh_remote(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """Nor on a remote that has no code yet; what others left in inboxes there stays."""
    code = snapshot(ada)
    run = record(ada, snapshots=(code,))
    (ada.git.place.common_dir / "objects" / code[:2] / code[2:]).unlink()
    theirs = snapshot(bob, "theirs")
    git_run("push", "-q", "origin", f"{theirs}:refs/gittrack/inbox/bobbob/code", cwd=where(bob))
    outcome = push(ada)
    assert remote_runs(remote) == {run}
    assert outcome.problems
    assert remote_refs(remote, "refs/gittrack/inbox") == {"refs/gittrack/inbox/bobbob/code": theirs}
