from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.store.sync import share
from gittrack.store.sync.share import Outcome, push
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote, record, remote_refs, remote_runs, snapshot, where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def _record_and_push(store: RunStore, count: int) -> list[tuple[str, Outcome]]:
    done = []
    for number in range(count):
        run = record(store, snapshots=(snapshot(store, f"{where(store)} {number}"),))
        done.append((run, push(store)))
    return done


def test_many_clones_at_once(tmp_path: Path) -> None:
    """Eight clones push run after run to one remote: none is lost, nobody pushes more than three times."""
    remote = make_remote(tmp_path / "remote.git")
    stores = [clone(remote, tmp_path / f"c{number}") for number in range(8)]
    with ThreadPoolExecutor(len(stores)) as pool:
        done = [
            pair for found in pool.map(lambda store: _record_and_push(store, 5), stores) for pair in found
        ]
    assert {outcome.sent[run] for run, outcome in done} <= {"new", "inboxed"}
    assert max(outcome.attempts for _, outcome in done) <= 3
    assert [outcome.problems for _, outcome in done if outcome.problems] == []
    push(stores[0])
    assert remote_runs(remote) == {run for run, _ in done}
    assert [ref for ref in remote_refs(remote) if "inbox" in ref] == []
    for folder in (remote, *map(where, stores)):
        assert git_run("fsck", "--strict", "--no-dangling", cwd=folder) == ""


def test_two_syncs_of_one_clone(ada: RunStore) -> None:
    """Two pushes of one clone take turns."""
    runs = {record(ada) for _ in range(3)}
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(push, [ada, ada]))
    assert sorted(len(outcome.sent) for outcome in outcomes) == [0, len(runs)]


def test_a_sync_that_does_not_end(ada: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits too long for another sync of the clone is told so."""
    monkeypatch.setattr(share, "_PATIENCE", 0.01)
    with (
        locked(ada.git.directory / "sync.lock"),
        pytest.raises(RemoteError, match="another push or pull of this clone"),
    ):
        push(ada)
