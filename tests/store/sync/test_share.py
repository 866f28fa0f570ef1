from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.kept.shipped import Shipped
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
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
        "topics": {},
        "models": {},
        "artifacts": Shipped().to_record(),
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
