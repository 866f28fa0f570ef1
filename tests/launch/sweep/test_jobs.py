from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from gittrack.core.records import Run
from gittrack.launch.backends.base import EngineUnreachable, Handle, Rejected, State, Ticket
from gittrack.launch.backends.engine import Engine
from gittrack.launch.backends.local import Local
from gittrack.launch.projects.request import Request
from gittrack.launch.sweep.jobs import Jobs
from gittrack.launch.sweep.tasks import Around, Done, Job
from gittrack.launch.sweep.trials import Trial
from tests.support.git import git_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.runs import RunStore

PROJECT = 'entry_points:\n  main:\n    parameters: {x: int}\n    command: "[ {x} != 9 ] || sleep 600"\n'


class Moody(Local):
    """The local engine, which now and then does not answer, and takes no job with x=13."""

    moods: ClassVar[list[bool]] = []

    def submit(self, ticket: Ticket) -> Handle:
        """Refuse some."""
        if ticket.work["params"]["x"] == "13":
            msg = "no thirteen"
            raise Rejected(msg)
        return super().submit(ticket)

    def status(self, handle: Handle) -> State:
        """Every other time there is no answer."""
        self.moods.append(True)
        if len(self.moods) % 2:
            msg = "not now"
            raise EngineUnreachable(msg)
        return super().status(handle)


@pytest.fixture
def jobs(repo: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """Trials of a project on that engine."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (repo / "MLproject").write_text(PROJECT)
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "project", cwd=repo)
    found = make(repo, store)
    yield found
    found.close()


def make(repo: Path, store: RunStore) -> Jobs:
    """What an attempt of the sweep makes."""
    around = Around(str(repo), repo, store.new_id(), "e")
    return Jobs(store, around, Request(".", manager="local"), Engine("local", {}, Moody({})))


def wait(jobs: Jobs) -> Done:
    """The trial that ends next."""
    deadline = time.monotonic() + 60
    while not (found := jobs.wait(1)):
        assert time.monotonic() < deadline, "it did not come"
    (one,) = found
    return one


def test_a_trial_comes_back(jobs: Jobs, store: RunStore) -> None:
    """Although the engine does not answer every time."""
    run_id = store.new_id()
    jobs.start(Job(0, {"x": 1}, run_id))
    done = wait(jobs)
    assert isinstance(done.run, Run)
    assert (done.number, done.run.id, done.run.status) == (0, run_id, "finished")


def test_a_trial_that_is_refused(jobs: Jobs, store: RunStore) -> None:
    """It is a failed one; others go on."""
    jobs.start(Job(0, {"x": 13}, store.new_id()))
    done = wait(jobs)
    assert (done.error, done.run.status if done.run else None) == ("no thirteen", "failed")


def test_a_trial_of_an_earlier_attempt_is_followed(jobs: Jobs, store: RunStore, repo: Path) -> None:
    """It is not begun again; told to end, it ends."""
    run_id = store.new_id()
    jobs.start(Job(0, {"x": 9}, run_id))
    trial = Trial(0, {"x": 9}, run_id, "running")
    later = make(repo, store)
    assert later.adopt(trial)
    assert not later.adopt(Trial(1, {}, store.new_id()))
    assert later.wait(0.2) == []
    while not store.is_running(run_id):
        time.sleep(0.02)
    later.end(0, "terminate")
    later.end(7, "terminate")
    done = wait(later)
    assert done.run is not None
    assert done.run.status == "killed"
    later.close()


def test_other_engines_jobs_are_not_followed(jobs: Jobs, store: RunStore, repo: Path) -> None:
    """A sweep that is resumed on another engine begins its lost trials there."""
    run_id = store.new_id()
    jobs.start(Job(0, {"x": 9}, run_id))
    around = Around(str(repo), repo, "s", "e")
    other = Jobs(store, around, Request(".", manager="local"), Engine("other", {}, Moody({})))
    assert not other.adopt(Trial(0, {"x": 9}, run_id, "running"))
    other.close()
    jobs.end(0, "kill")
    wait(jobs)
