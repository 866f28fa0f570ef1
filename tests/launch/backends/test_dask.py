from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from gittrack.launch.backends.base import EngineError, EngineUnreachable, State, Ticket
from gittrack.launch.backends.dask import Dask, close
from gittrack.launch.backends.engine import Engine
from gittrack.store.runs import RunStore
from tests.launch.backends.conftest import Place, place
from tests.support.engines import process_of
from tests.support.git import git_run
from tests.support.servers.base import HOST, free_port, poll

distributed = pytest.importorskip("distributed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.engines import Engines

TICKET = Ticket("20261124-034313-abcdefgh", {"kind": "project"}, "/r", "/r/1", "n", ("/usr/bin/python3",))


@pytest.fixture
def dask(project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The project and a real Dask."""
    return place("dask", project, engines, monkeypatch)


def with_options(one: Place, **options: Any) -> Place:
    """The same with other options."""
    told = {**one.engine.options, **options}
    return replace(one, engine=Engine.of(one.store.config, "dask", told))


def test_preview() -> None:
    """The task has the command, its variables and the file for its output."""
    shown = json.loads(Dask({"environment": {"A": 1}}).preview(TICKET))
    command = ["/usr/bin/python3", "-m", "gittrack", "exec", "/r/1/ticket.json"]
    assert shown["args"] == [command, {"A": "1"}, "/r/1/log", TICKET.run_id]


def test_elsewhere(dask: Place, tmp_path: Path) -> None:
    """Where files are not shared, code goes and the run comes by the remote, output by the scheduler."""
    remote = tmp_path / "remote.git"
    git_run("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git_run("remote", "add", "origin", str(remote), cwd=dask.project)
    elsewhere = with_options(dask, shared=False, python=sys.executable)
    run = elsewhere.run(text="far away")
    assert (run.status, run.params["text"], run.metrics["loss"].last) == ("finished", "far away", 0.5)
    assert "uncommitted says far away" in "".join(elsewhere.printed)
    assert run.tags["gittrack.job"] == f"gittrack-{run.id}"
    assert git_run("ls-remote", "origin", "refs/gittrack/jobs/*", cwd=dask.project) == ""


def test_waits(dask: Place) -> None:
    """A task for which no worker has the resources waits, and can be taken back."""
    waiting = with_options(dask, resources={"MOON": 1})
    submitted = waiting.submit()
    backend = waiting.engine.backend
    poll(
        lambda: backend.status(submitted.handle) == State("queued", None, "no worker takes it"),
        "it does not wait",
    )
    backend.cancel(submitted.handle)
    poll(lambda: backend.status(submitted.handle).phase == "lost", "it still waits")
    assert waiting.follow(submitted).status == "lost"


def test_no_python(dask: Place) -> None:
    """A worker that finds no Python says so; the run failed before it began."""
    run = with_options(dask, python="/nowhere/python").run()
    assert run.status == "failed"
    assert "No such file" in run.tags["gittrack.job.reason"]


def test_resources(dask: Place) -> None:
    """A worker that has what is wanted takes it."""
    assert with_options(dask, resources={"GPU": 1}, priority=3).run().status == "finished"


def test_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that is not there does not answer."""
    monkeypatch.setattr("gittrack.launch.backends.dask._TIMEOUT", 0.5)
    address = f"tcp://{HOST}:{free_port()}"
    backend = Dask({"address": address})
    assert backend.shares("")
    with pytest.raises(EngineUnreachable, match=f"no Dask scheduler answers at {address}"):
        backend.submit(TICKET)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "which Dask scheduler is not said"),
        ({"address": "somewhere"}, "not the address of a Dask scheduler"),
        ({"scheduler_file": "gone.json"}, "gone.json does not say where the scheduler is"),
    ],
)
def test_no_address(options: dict[str, str], problem: str) -> None:
    """Without an address there is no scheduler: Dask would start one that ends with this process."""
    assert Dask(options).shares("")
    with pytest.raises(EngineError, match=problem):
        Dask(options).submit(TICKET)


def test_scheduler_file(tmp_path: Path) -> None:
    """The address may stand in a file of the scheduler."""
    path = tmp_path / "scheduler.json"
    path.write_text(json.dumps({"address": "tcp://192.0.2.1:8786"}))
    assert not Dask({"scheduler_file": str(path)}).shares("")


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the hint says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Exception, match="Dask is not installed"):
        Dask({})


def test_process_ends_with_worker(dask: Place) -> None:
    """The job's process is a child of its worker, and would end with it."""
    submitted = dask.submit(seconds=60)
    process = process_of(submitted.run_id)
    assert any("dask_worker" in word for word in psutil.Process(process.ppid()).cmdline())
    dask.engine.backend.cancel(submitted.handle)
    assert dask.follow(submitted).status in {"killed", "failed"}


@pytest.fixture
def inside(project: Path) -> Iterator[Place]:
    """The project and a scheduler and worker that are threads of this process."""
    make: Any = distributed.LocalCluster  # it has no types
    told = {"processes": False, "protocol": "tcp://", "host": HOST, "dashboard_address": f"{HOST}:0"}
    with make(n_workers=1, threads_per_worker=1, **told) as cluster:
        config = RunStore.open(start=project).config
        yield Place(Engine.of(config, "dask", {"address": cluster.scheduler_address}), project)
        close()


def test_inside(inside: Place) -> None:
    """A run, and one that is cancelled while it runs, in a cluster of this process."""
    assert inside.run(text="inside").status == "finished"
    submitted = inside.submit(seconds=60)
    process_of(submitted.run_id)
    poll(lambda: inside.engine.backend.status(submitted.handle).phase == "running", "it does not run")
    inside.engine.backend.cancel(submitted.handle)
    assert inside.follow(submitted).status in {"killed", "failed"}


def test_output_by_the_scheduler(inside: Place, tmp_path: Path) -> None:
    """Without a file the output of a task goes to the scheduler; what Python has to say of a mistake, too."""
    git_run("init", "-q", "--bare", str(tmp_path / "remote.git"), cwd=tmp_path)
    git_run("remote", "add", "origin", str(tmp_path / "remote.git"), cwd=inside.project)
    elsewhere = with_options(inside, shared=False, python="/bin/cat")
    run = elsewhere.run()
    assert run.status == "failed"
    assert "cat: " in "".join(elsewhere.printed)
