from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gittrack
from gittrack.core.records import Run
from gittrack.launch.projects.request import Request
from gittrack.launch.sweep import worker
from gittrack.launch.sweep.commands import CommandTask
from gittrack.launch.sweep.functions import FunctionTask
from gittrack.launch.sweep.projects import ProjectTask
from gittrack.launch.sweep.tasks import Around, Done, Job, Stopped, failure
from gittrack.launch.sweep.trials import NUMBER, OF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.sweep.tasks import Task
    from gittrack.store.runs import RunStore

TAGS = {OF: "sweep", NUMBER: "3", "team": "a"}


@pytest.fixture
def around(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Around:
    """A sweep in a repository."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return Around(str(repo), repo, "sweep", "e", "tune", {"team": "a"})


@pytest.fixture
def guard() -> Iterator[worker.Guarded]:
    """What turns signals into exceptions, until the test is over."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    guard = worker.Guarded()
    guard.install()
    yield guard
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)


def run(task: Task, store: RunStore, guard: Any = None, **params: Any) -> Done:
    """One trial, in this process."""
    with task.opened() as one:
        return one(Job(3, params, store.new_id()), guard or contextlib.nullcontext())


def function(around: Around, call: Any) -> FunctionTask:
    """The task of a function."""
    return FunctionTask(around, call, "loss", Run(id="-", experiment="e", command=("x",)), {"python": {}})


def test_a_function(around: Around, store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """Params, tags, name, metrics and what it printed; afterwards this process prints as before."""

    def call(x: int) -> dict[str, float]:
        print("hello")  # noqa: T201  that is the point
        return {"loss": x / 2}

    done = run(function(around, call), store, x=4)
    assert done.error is None
    assert done.run is not None
    assert (done.run.name, done.run.params, done.run.tags) == ("tune-3", {"x": 4}, TAGS)
    assert done.run.metrics["loss"].last == 2
    assert store.objects.read(done.run.artifacts[0].sha256) == b"hello\n"
    sys.stdout.write("after\n")
    sys.stdout.flush()
    assert capfd.readouterr().out.endswith("after\n")
    assert gittrack.active_run() is None


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [(signal.SIGTERM, "killed", "Stopped"), (signal.SIGINT, "interrupted", "KeyboardInterrupt")],
)
def test_a_function_that_is_told_to_end(
    around: Around, store: RunStore, guard: worker.Guarded, number: int, status: str, error: str
) -> None:
    """No `except Exception` keeps it; what cleans up is not interrupted again."""
    cleaned = []

    def call() -> None:
        try:
            with contextlib.suppress(Exception):
                os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)
            cleaned.append(True)

    done = run(function(around, call), store, guard)
    assert done.run is not None
    assert (done.run.status, cleaned) == (status, [True])
    assert error in (done.error or "")
    os.kill(os.getpid(), number)  # between trials nothing happens


def test_a_function_that_fails(around: Around, store: RunStore) -> None:
    """The traceback is in its output."""
    done = run(function(around, lambda x: 1 / x), store, x=0)
    assert done.run is not None
    assert (done.run.status, done.error) == ("failed", "ZeroDivisionError: division by zero")
    assert b"Traceback" in store.objects.read(done.run.artifacts[0].sha256)


def test_nothing_printed_is_no_artifact(around: Around, store: RunStore) -> None:
    """And a function that returns nothing logs nothing."""
    done = run(function(around, lambda: None), store)
    assert done.run is not None
    assert (done.run.artifacts, done.run.metrics) == ((), {})


def test_a_command(around: Around, store: RunStore) -> None:
    """The same of a command; its output is not shown."""
    code = "import os, sys; print('loss=' + os.environ['GITTRACK_PARAM_X']); sys.exit(int(sys.argv[2]))"
    task = CommandTask(around, [sys.executable, "-c", code], metrics_from_output=True)
    done = run(task, store, x=4)
    assert done.run is not None
    assert (done.run.name, done.run.params["x"]) == ("tune-3", 4)
    assert done.run.tags.items() >= TAGS.items()
    assert (done.run.status, done.error) == ("failed", "exit code 4: loss=4")
    assert done.run.metrics["loss"].last == 4
    fine = run(CommandTask(around, ["true"]), store, x=4)
    assert fine.error is None
    lost = run(CommandTask(around, ["no-such-command"]), store, x=4)
    assert "command not found" in (lost.error or "")
    killed = run(CommandTask(around, ["sh", "-c", "kill -9 $$"]), store, x=4)
    assert killed.error == "killed by SIGKILL"


def test_a_project(around: Around, store: RunStore, repo: Path) -> None:
    """The same of an entry point."""
    (repo / "MLproject").write_text(
        'entry_points:\n  main:\n    parameters: {x: int}\n    command: "test {x} = 4"\n'
    )
    done = run(ProjectTask(around, Request(".", manager="local")), store, x=4)
    assert done.run is not None
    assert (done.run.status, done.run.params, done.run.parent_id) == ("finished", {"x": 4}, "sweep")
    assert done.run.tags.items() >= TAGS.items()


def test_a_worker_answers_until_there_is_no_more(around: Around, store: RunStore) -> None:
    """An error of ours is an answer too."""
    ours, theirs = multiprocessing.Pipe()
    for job in (Job(0, {"x": 1}, store.new_id()), Job(1, {"x": 1}, "/"), None):
        ours.send(job)
    guard = worker.Guarded()
    worker.serve(theirs, function(around, lambda x: x), guard)
    assert ours.recv() == worker.READY
    assert ours.recv().run.status == "finished"
    assert "not a run id" in ours.recv().error
    assert not guard.busy


def test_what_is_said_of_an_error() -> None:
    """Ours has a message; others have a type."""
    assert failure(gittrack.GitTrackError("no")) == "no"
    assert failure(ValueError("no")) == "ValueError: no"
    assert failure(Stopped()).endswith("Stopped")
