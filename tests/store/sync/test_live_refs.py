"""The state of running runs on a remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.core.events import Ended
from gittrack.core.text import dump_json, load_json
from gittrack.core.times import now_ms
from gittrack.query.elsewhere import fetched_runs
from gittrack.query.watching import RemoteWatcher
from gittrack.store.doctor.checkup import diagnose, repair
from gittrack.store.journal.follow import Follower
from gittrack.store.sync.live_refs import LIVE, STALE, Publication, clear, drop, look, stale
from gittrack.store.sync.live_state import pack, unpack
from gittrack.store.sync.remote import resolve
from gittrack.store.sync.share import pull, push
from tests.cli.recorded import begin
from tests.support.git import git_run
from tests.support.remotes import refuse, remote_refs

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

NOW = 1_795_492_993_123


def state(store: RunStore, run: Run, time: int = NOW) -> bytes:
    """What is pushed of a run."""
    follower = Follower(store.live_directory(run.id))
    follower.poll()
    assert follower.run is not None
    return pack(follower.run, follower.tails.values(), time, 30.0)


def test_there_and_back(store: RunStore) -> None:
    """Run, summaries and the thinned history arrive as they were."""
    run, journal = begin(store, name="far", params={"max_steps": 40})
    follower = Follower(store.live_directory(run.id))
    follower.poll()
    found = unpack(state(store, run))
    assert found.run == follower.run
    assert found.tails["loss", 0].history == follower.tails["loss", 0].history
    assert (found.time, found.every) == (NOW, 30.0)
    journal.close()


def test_a_long_run_stays_small(store: RunStore) -> None:
    """However many points."""
    run, journal = begin(store)
    few = len(state(store, run))
    for step in range(20_000):
        journal.point("loss", 1 / (step + 1), step)
    assert len(state(store, run)) < few + 20_000
    journal.close()


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "gittrack.live/9"},
        {"run": {"event": "tag", "tags": {}}},
        {"run": 5},
        {"metrics": [{}]},
        {"metrics": [{"key": "a\n", "rank": 0, "count": 1}]},
        {
            "metrics": [
                {
                    "key": "a",
                    "rank": 0,
                    "count": 1,
                    "low": 0,
                    "high": 0,
                    "history": [[], [], []],
                    "recent": [[], [], []],
                }
            ]
        },
        {
            "metrics": [
                {
                    "key": "a",
                    "rank": 0,
                    "count": 1,
                    "low": 0,
                    "high": 0,
                    "history": [[1], [], []],
                    "recent": [[1], [1], [1]],
                }
            ]
        },
        {"time": "soon"},
    ],
)
def test_what_others_may_have_written(store: RunStore, change: dict[str, object]) -> None:
    """Anything else is no state."""
    run, journal = begin(store)
    body = load_json(state(store, run))
    journal.close()
    with pytest.raises(ValueError, match=r"."):
        unpack(dump_json(body | change))
    for data in (b"", b"[]", b"5"):
        with pytest.raises(ValueError, match=r"."):
            unpack(data)


def test_each_push_replaces_the_one_before(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """One ref, one commit; nothing is left in the repository that pushes."""
    run, journal = begin(ada, name="far")
    before = set(ada.git.place.common_dir.glob("objects/??/*"))
    publication = Publication(ada, run.id)
    publication.put(state(ada, run))
    journal.point("loss", 0.25, 99)
    publication.put(state(ada, run))
    ref = f"{LIVE}{ada.writer}/{run.id}"
    oid = remote_refs(remote, "refs/gittrack/live/")[ref]
    assert git_run("rev-list", "--count", oid, cwd=remote).strip() == "1"
    assert set(ada.git.place.common_dir.glob("objects/??/*")) == before
    seen, problems = look(bob.git, resolve(bob.git, None))
    assert (seen[0].writer, seen[0].state.run.metrics["loss"].last, problems) == (ada.writer, 0.25, [])
    pull(bob)
    assert look(bob.git, resolve(bob.git, None))[0][0].state.run.id == run.id
    publication.remove()
    assert look(bob.git, resolve(bob.git, None)) == ([], [])
    journal.close()


def test_a_resumed_run_takes_its_ref_over(ada: RunStore, remote: Path) -> None:
    """What an attempt that died left there is replaced."""
    run, journal = begin(ada)
    Publication(ada, run.id).put(state(ada, run))
    Publication(ada, run.id).put(state(ada, run, NOW + 1))
    assert len(remote_refs(remote, "refs/gittrack/live/")) == 1
    journal.close()


@pytest.mark.parametrize("sync", [push, pull])
def test_what_a_crash_left_is_removed(ada: RunStore, remote: Path, sync: object) -> None:
    """By the next push or pull of the same clone, not while the run is there."""
    run, journal = begin(ada)
    Publication(ada, run.id).put(state(ada, run))
    sync(ada)  # type: ignore[operator]  # one of two functions
    assert remote_refs(remote, "refs/gittrack/live/")
    journal.close()
    ada.recover()
    outcome = sync(ada)  # type: ignore[operator]  # the same
    assert outcome.problems == ()
    assert not remote_refs(remote, "refs/gittrack/live/")


def test_a_remote_that_is_gone(ada: RunStore, remote: Path) -> None:
    """What could not be removed is said, and tried again."""
    run, journal = begin(ada)
    Publication(ada, run.id).put(state(ada, run))
    journal.close()
    ada.recover()
    remote.rename(remote.with_name("away"))
    assert "cannot be removed" in clear(ada)[0]
    remote.with_name("away").rename(remote)
    assert clear(ada) == []


def test_a_host_that_refuses(ada: RunStore, remote: Path) -> None:
    """That is an error that names the ref."""
    run, journal = begin(ada)
    refuse(remote, "refs/gittrack/live/*")
    with pytest.raises(RemoteError, match="does not take refs/gittrack/live"):
        Publication(ada, run.id).put(state(ada, run))
    journal.close()


def test_a_watcher_elsewhere(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """It shows what runs there, until its end is here; a network that is away changes nothing."""
    run, journal = begin(ada, name="far", host="node7", params={"max_steps": 40})
    Publication(ada, run.id).put(state(ada, run))
    watcher = RemoteWatcher(bob, every=0)
    found = watcher.look()[0]
    assert (found.run.name, found.place, found.alive) == ("far", "node7", False)
    assert found.progress is not None
    assert found.progress.total == 40
    remote.rename(remote.with_name("away"))
    assert watcher.look()[0] == found
    assert watcher.problems
    with pytest.raises(RemoteError):
        RemoteWatcher(bob).look()
    remote.with_name("away").rename(remote)
    assert RemoteWatcher(ada, every=0).look() == []
    journal.event(Ended("finished", run.start_time + 5, 0))
    journal.close()
    ada.finish(run.id)
    note = ada.git.directory / "published" / run.id
    note.unlink()
    push(ada)
    pull(bob)
    assert watcher.look() == []


def test_a_state_under_another_name(ada: RunStore, bob: RunStore) -> None:
    """It is named and shown nowhere."""
    run, journal = begin(ada)
    publication = Publication(ada, run.id)
    publication._ref = f"{LIVE}{ada.writer}/20261124-000000-abcdefgh"
    publication.put(state(ada, run))
    assert look(bob.git, resolve(bob.git, None))[0] == []
    assert "another run" in look(bob.git, resolve(bob.git, None))[1][0]
    journal.close()


def test_a_pull_brings_them(ada: RunStore, bob: RunStore) -> None:
    """Without asking the remote again they are there, until their end is; those that run here are not."""
    run, journal = begin(ada, name="far", host="node7")
    assert fetched_runs(bob) == []
    publication = Publication(ada, run.id)
    publication.put(state(ada, run, now_ms()))
    pull(bob)
    (found,) = fetched_runs(bob)
    assert (found.run.name, found.place, found.alive) == ("far", "node7", True)
    assert found.tails["loss"].series().values[-1] == found.run.metrics["loss"].last
    pull(ada)
    assert fetched_runs(ada) == []
    git_run("pack-refs", "--all", cwd=bob.git.place.common_dir)
    assert [one.run.id for one in fetched_runs(bob)] == [run.id]
    publication.remove()
    pull(bob)
    assert fetched_runs(bob) == []
    journal.close()


def test_what_nobody_pushes_any_more(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """After a week it is not shown; `doctor` says so, and removes it here and on the remote."""
    run, journal = begin(ada)
    Publication(ada, run.id).put(state(ada, run, now_ms() - STALE - 1000))
    pull(bob)
    assert fetched_runs(bob) == []
    (finding,) = [one for one in diagnose(bob) if one.check == "live states"]
    assert finding.what == f"1 state of running runs, not pushed for a week: {run.id}"
    remote.rename(remote.with_name("away"))
    assert "could not repair states" in repair(bob, [finding])[0]
    remote.with_name("away").rename(remote)
    assert repair(bob, [finding]) == ["removed 1 state of running runs"]
    assert not remote_refs(remote, "refs/gittrack/live/")
    assert stale(bob.git) == []
    journal.close()


def test_one_that_is_pushed_again_stays(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """What is stale here may be alive there: it is not removed there."""
    run, journal = begin(ada)
    publication = Publication(ada, run.id)
    publication.put(state(ada, run, NOW - STALE))
    pull(bob)
    publication.put(state(ada, run, now_ms()))
    for one in stale(bob.git):
        drop(bob.git, one)
    assert remote_refs(remote, "refs/gittrack/live/")
    assert stale(bob.git) == []
    journal.close()


def test_a_host_that_keeps_them(ada: RunStore, bob: RunStore, remote: Path) -> None:
    """That is an error that names the ref, and it stays here."""
    run, journal = begin(ada)
    Publication(ada, run.id).put(state(ada, run, 0))
    pull(bob)
    refuse(remote, "refs/gittrack/live/*")
    with pytest.raises(RemoteError, match="does not let refs/gittrack/live"):
        drop(bob.git, stale(bob.git)[0])
    assert len(stale(bob.git)) == 1
    journal.close()
