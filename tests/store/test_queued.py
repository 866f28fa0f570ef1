from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue, RunNotFound
from gittrack.core.events import Ended, TagsSet
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.journal.job import has_job, job_of, put_job
from gittrack.store.queued import begin, conclude, forget, mark_running, queue

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


@pytest.fixture
def waiting(store: RunStore) -> Run:
    """A run that waits for an engine."""
    run = Run(store.new_id(), start_time=now_ms(), params={"lr": 0.1})
    journal = queue(store, run)
    put_job(store.live_directory(run.id), {"backend": "local", "handle": {}})
    journal.close()
    return run


def test_waits(store: RunStore, waiting: Run) -> None:
    """It is live, queued, and stays so."""
    store.recover()
    (run,) = store.live()
    assert (run.id, run.status, run.attempt, run.params) == (waiting.id, "queued", 0, {"lr": 0.1})


def test_without_job(store: RunStore) -> None:
    """One that never came to have a job, as its submitter was killed, is finished by the next command."""
    run = Run(store.new_id(), start_time=now_ms())
    queue(store, run).close()
    (found,) = store.recover()
    assert (found.status, found.attempt) == ("killed", 1)


def test_begins(store: RunStore, waiting: Run) -> None:
    """Its process begins it: what that knows holds, and what was noted meanwhile on top."""
    store.edit([waiting.id], [TagsSet({"team": "vision"})])
    journal = begin(store, replace(waiting, params={"lr": 0.2}, host="node"))
    run = store.get(waiting.id)
    assert (run.status, run.attempt, run.host, run.params) == ("running", 1, "node", {"lr": 0.2})
    assert run.tags == {"team": "vision"}
    journal.event(Ended("finished", now_ms()))
    journal.close()
    assert store.finish(waiting.id) == store.committed(waiting.id).run


def test_begins_once(store: RunStore, waiting: Run) -> None:
    """Two processes do not both begin it."""
    journal = begin(store, waiting)
    with pytest.raises(InvalidValue, match="is running already"):
        begin(store, waiting)
    journal.close()


def test_begins_again(store: RunStore, waiting: Run) -> None:
    """Where its process died, the next one is another attempt, and the engine still has it."""
    begin(store, waiting).close()
    journal = begin(store, waiting)
    assert store.committed(waiting.id).run.status == "killed"
    assert store.get(waiting.id).attempt == 2
    assert has_job(store.live_directory(waiting.id))
    journal.close()


def test_begins_after_its_end(store: RunStore, waiting: Run) -> None:
    """A job that starts although its run was concluded is another attempt."""
    conclude(store, waiting.id, Ended("interrupted", now_ms()))
    begin(store, waiting).close()
    assert store.get(waiting.id).attempt == 2
    assert job_of(store.live_directory(waiting.id)) is None


def test_unknown(store: RunStore) -> None:
    """A run that nobody knows begins as a new one."""
    run = Run(store.new_id(), start_time=now_ms())
    begin(store, run).close()
    assert store.get(run.id).attempt == 1


def test_conclude(store: RunStore, waiting: Run) -> None:
    """Somebody else may say how it ended."""
    run = conclude(store, waiting.id, Ended("lost", now_ms()), [TagsSet({"why": "gone"})])
    assert run is not None
    assert (run.status, run.attempt, run.tags) == ("lost", 1, {"why": "gone"})
    assert conclude(store, waiting.id, Ended("failed", now_ms())) == run


def test_conclude_what_ended(store: RunStore, waiting: Run) -> None:
    """What its own process said holds."""
    journal = begin(store, waiting)
    journal.event(Ended("finished", now_ms(), 0))
    journal.close()
    run = conclude(store, waiting.id, Ended("lost", now_ms()))
    assert run is not None
    assert run.status == "finished"


def test_conclude_what_runs(store: RunStore, waiting: Run) -> None:
    """A run that a process writes to is left alone."""
    journal = begin(store, waiting)
    assert conclude(store, waiting.id, Ended("lost", now_ms())) is None
    journal.close()


def test_conclude_nothing(store: RunStore) -> None:
    """A run that nobody knows cannot end."""
    with pytest.raises(RunNotFound):
        conclude(store, store.new_id(), Ended("lost", now_ms()))


def test_mark_running(store: RunStore, waiting: Run) -> None:
    """Where its process is on another machine, the submitter says that it runs."""
    mark_running(store, waiting.id)
    mark_running(store, waiting.id)
    run = store.get(waiting.id)
    assert (run.status, run.attempt) == ("running", 1)


def test_forget(store: RunStore, waiting: Run) -> None:
    """A run that came back by another way is no longer live."""
    forget(store, waiting.id)
    assert not store.is_live(waiting.id)


@pytest.mark.parametrize("text", ["[", "[]"])
def test_unreadable_job(store: RunStore, waiting: Run, text: str) -> None:
    """A file that says nothing of a job still keeps the run from being taken for dead."""
    directory = store.live_directory(waiting.id)
    (directory / "job.json").write_text(text)
    assert job_of(directory) is None
    assert store.recover() == []
