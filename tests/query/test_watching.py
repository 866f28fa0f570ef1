"""Running runs, looked at again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.records import Run
from gittrack.query.watching import Watcher, tips
from tests.cli.recorded import begin, record

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def test_runs_come_and_go(store: RunStore) -> None:
    """In the order of their starts, until they are committed."""
    watcher = Watcher(store)
    assert (watcher.look(), watcher.changed) == ([], False)
    second, one = begin(store, name="second", start_time=2000, params={"max_steps": 40})
    first, two = begin(store, name="first", start_time=1000)
    found = watcher.look()
    assert watcher.changed
    assert [watched.run.name for watched in found] == ["first", "second"]
    assert found[1].progress is not None
    assert (found[1].progress.done, found[1].progress.total) == (20, 40)
    assert found[0].as_json()["progress"]["total"] is None
    assert found[0].as_json()["updated"].startswith("20")
    assert [one.run.id for one in Watcher(store, [second.id]).look()] == [second.id]
    for journal in (one, two):
        journal.close()
    store.recover()
    assert watcher.look() == []
    del first


def test_a_resumed_run_is_whole(store: RunStore) -> None:
    """What its attempts before logged is there."""
    run = record(store, name="again", params={"lr": 0.1})
    journal = store.resume(run.id, Run(run.id, start_time=9000))
    journal.point("f1", 0.5)
    found = Watcher(store).look()[0]
    assert (found.run.params, found.run.attempt) == ({"lr": 0.1}, 2)
    assert set(found.run.metrics) == {"acc", "f1", "loss"}
    journal.close()


def test_a_run_without_a_start(store: RunStore) -> None:
    """It is none yet."""
    store.live_directory(store.new_id()).mkdir(parents=True)
    assert Watcher(store).look() == []


def test_tips_change_with_the_branch(store: RunStore) -> None:
    """And with nothing else."""
    before = tips(store.git)
    assert tips(store.git) == before
    record(store)
    assert tips(store.git) != before
