from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import UsageError
from gittrack.core.records import Source
from gittrack.launch.projects.request import Request
from gittrack.launch.sweep import worker
from gittrack.launch.sweep.attempt import Ground
from gittrack.launch.sweep.commands import CommandTask
from gittrack.launch.sweep.targets import CommandTarget, ProjectTarget
from gittrack.launch.sweep.tasks import Around, Job
from gittrack.launch.sweep.workers import CannotWork, Workers, leftovers, method_for

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def task(repo: Path) -> CommandTask:
    """A command that takes nothing."""
    return CommandTask(Around(str(repo), repo, "sweep", "e"), ["sleep", "600"])


def test_forks_on_linux_unless_cuda_runs(task: CommandTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork of a process that uses a GPU cannot use it."""
    assert method_for(task) == ("fork" if sys.platform == "linux" else "spawn")
    assert method_for(task, "spawn") == "spawn"
    cuda = SimpleNamespace(is_initialized=lambda: True)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert method_for(task) == "spawn"


def test_commands_and_projects_go_to_fresh_interpreters(task: CommandTask, store: RunStore) -> None:
    """All that they are can be sent."""
    ground = Ground(task.around, Source(), {}, task.around.folder, None)
    for target in (CommandTarget(["true"]), ProjectTarget(Request("."))):
        workers = target.runner(store, ground)
        assert isinstance(workers, Workers)
        assert method_for(workers._task, "spawn") == "spawn"


def test_no_forks_where_there_are_none(task: CommandTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to ask for instead."""
    monkeypatch.delattr(os, "fork")
    with pytest.raises(UsageError, match="cannot fork"):
        method_for(task, "fork")


def test_a_worker_that_dies_before_its_first_trial(
    task: CommandTask, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be run: that is no failure of a trial."""
    monkeypatch.setattr(worker, "main", lambda *_: os._exit(7))
    workers = Workers(store, task, tmp_path / "workers", "fork")
    workers.start(Job(0, {}, store.new_id()))
    with pytest.raises(CannotWork, match="ended with exit code 7"):
        workers.wait(60)
    workers.close()


def test_a_worker_that_dies_without_work_is_replaced(repo: Path, store: RunStore, tmp_path: Path) -> None:
    """The next trial does not fail for it."""
    fine = CommandTask(Around(str(repo), repo, "sweep", "e"), ["true"])
    workers = Workers(store, fine, tmp_path / "workers", "fork")
    pids = set()
    for number in range(2):
        workers.start(Job(number, {}, store.new_id()))
        while not (found := workers.wait(1)):
            pass
        assert found[0].run is not None
        assert found[0].run.status == "finished"
        (one,) = workers._workers
        pids.add(one.process.pid)
        one.process.kill()
        one.process.join()
    workers.close()
    assert len(pids) == 2


def test_closing_kills_what_still_runs(task: CommandTask, store: RunStore, tmp_path: Path) -> None:
    """No process and no file is left."""
    workers = Workers(store, task, tmp_path / "workers", "fork")
    workers.start(Job(0, {}, store.new_id()))
    while not leftovers(tmp_path / "workers"):
        workers.wait(0.05)
    assert workers.wait(0.01) == []
    workers.close()
    assert leftovers(tmp_path / "workers") == 0
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_folder_that_is_not_there_has_nobody(tmp_path: Path) -> None:
    """A sweep that ended left none."""
    assert leftovers(tmp_path / "none") == 0
