"""How runs begin: alone, nested, joined, resumed, distributed."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import InvalidValue, NotARepository, RunNotFound, UsageError
from gittrack.core.events import Ended
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.runs import RunStore
from tests.support.git import make_repo
from tests.support.python import python_environment, run_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.store.journal.writer import Journal


pytestmark = pytest.mark.usefixtures("repo")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """No test leaves a run active."""
    yield
    while gittrack.active_run() is not None:
        gittrack.end_run()


def found() -> list[Run]:
    """All runs of the current repository, the newest first."""
    return gittrack.search_runs(output_format="list")


def named(name: str) -> Run:
    """The run of a name."""
    return next(run for run in found() if run.name == name)


def test_everything_at_once(repo: Path) -> None:
    """Name, experiment, tags, params and note are there from the start."""
    with gittrack.start_run(
        "base", experiment="digits", tags={"stage": "dev"}, params={"lr": 0.1}, note="why"
    ) as run:
        gittrack.log_metric("loss", 0.5)
    one = gittrack.get_run(run.run_id)
    assert (one.name, one.experiment, one.status) == ("base", "digits", "finished")
    assert (one.tags, one.params, one.note) == ({"stage": "dev"}, {"lr": 0.1}, "why")
    assert one.metrics["loss"].last == 0.5
    assert one.user
    assert one.host
    assert one.command[0].startswith("python") or "pytest" in one.command[0]
    assert one.source.commit == RunStore.open(start=repo).git.resolve("HEAD")


def test_the_experiment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call, then set_experiment, then the configuration."""
    from gittrack.tracking import start

    monkeypatch.setattr(start, "_experiment", [])
    monkeypatch.setenv("GITTRACK_EXPERIMENT", "configured")
    with gittrack.start_run() as one:
        pass
    gittrack.set_experiment("chosen")
    with gittrack.start_run() as two, gittrack.start_run(nested=True) as inner:
        pass
    with gittrack.start_run(experiment="given") as three:
        pass
    names = [gittrack.get_run(run.run_id).experiment for run in (one, two, inner, three)]
    assert names == ["configured", "chosen", "chosen", "given"]


def test_one_at_a_time() -> None:
    """A second run beside an active one is a mistake, and the hint names both ways out."""
    with gittrack.start_run(), pytest.raises(UsageError, match="still active") as caught:
        gittrack.start_run()
    assert "nested=True" in (caught.value.hint or "")


def test_nested() -> None:
    """A nested run knows its parent, and the parent is active again afterwards."""
    with gittrack.start_run("parent") as parent:
        with gittrack.start_run("child", nested=True) as child:
            assert gittrack.active_run() is child
        assert gittrack.active_run() is parent
    assert gittrack.get_run(child.run_id).parent_id == parent.run_id
    assert gittrack.get_run(parent.run_id).parent_id is None


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an error at once, with a way out."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotARepository, match="not a Git repository"):
        gittrack.start_run()
    assert gittrack.active_run() is None


def test_another_repository(tmp_path: Path) -> None:
    """Runs can go to a repository of their own."""
    results = make_repo(tmp_path / "results", commit=False)
    with gittrack.start_run("base", repo=results) as run:
        assert os.environ["GITTRACK_REPO"] == str(results)
    assert "GITTRACK_REPO" not in os.environ
    assert gittrack.get_run(run.run_id, repo=results).source.commit is not None
    with pytest.raises(RunNotFound):
        gittrack.get_run(run.run_id)


def test_a_bad_name_starts_nothing() -> None:
    """What cannot be taken leaves no live run."""
    with pytest.raises(InvalidValue):
        gittrack.start_run("a\nb")
    with pytest.raises(InvalidValue):
        gittrack.start_run("x", params={"model": object()})
    assert gittrack.active_run() is None
    assert found() == []


def test_resume() -> None:
    """A run is taken up by its id."""
    with gittrack.start_run("base") as run:
        gittrack.log_metric("loss", 3.0, step=0)
        gittrack.log_metric("loss", 2.0, step=1)
    with gittrack.start_run(run_id=run.run_id):
        gittrack.log_metric("loss", 1.5, step=1)
    one = gittrack.get_run(run.run_id)
    assert (one.attempt, one.name, one.metrics["loss"].last, one.metrics["loss"].count) == (
        2,
        "base",
        1.5,
        2,
    )


def test_resume_by_a_part_of_the_id() -> None:
    """An unambiguous part of the id will do."""
    with gittrack.start_run("base") as run:
        pass
    with gittrack.start_run(run_id=run.run_id[-6:]) as again:
        assert again.run_id == run.run_id


def test_resume_what_is_not_there() -> None:
    """An unknown id is an error."""
    with pytest.raises(RunNotFound):
        gittrack.start_run(run_id="20200101-000000-aaaaaaaa")


def test_a_script_without_start_run(repo: Path) -> None:
    """The first logged value begins a run; the end of the program ends it."""
    run_python("import gittrack; gittrack.log_metric('loss', 1.0); gittrack.log_param('lr', 0.1)", cwd=repo)
    (run,) = found()
    assert (run.status, run.params, run.metrics["loss"].last) == ("finished", {"lr": 0.1}, 1.0)


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("raise ValueError('boom')", "failed", None),
        ("sys.exit(3)", "failed", 3),
        ("sys.exit('message')", "failed", 1),
        ("sys.exit()", "finished", 0),
        ("raise KeyboardInterrupt", "interrupted", None),
        ("pass", "finished", None),
    ],
)
@pytest.mark.parametrize("block", ["run = gittrack.start_run('x')\n", "with gittrack.start_run('x'):\n  "])
def test_the_true_status(repo: Path, block: str, ending: str, status: str, code: int | None) -> None:
    """However a program ends, its run says so; with a `with` block or without."""
    run_python(f"import sys, gittrack\n{block}{ending}", cwd=repo, check=False)
    (run,) = found()
    assert (run.status, run.exit_code) == (status, code)


def test_killed(repo: Path) -> None:
    """A program that is killed leaves a run that says so."""
    script = (
        "import gittrack, os, signal\ngittrack.log_metric('loss', 1.0)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    assert run_python(script, cwd=repo, check=False).returncode == -9
    (run,) = found()
    assert (run.status, run.metrics["loss"].count) == ("killed", 1)


WORKERS = """
import multiprocessing, gittrack

def work(rank):
    gittrack.log_metric(f"loss/{rank}", float(rank))

if __name__ == "__main__":
    multiprocessing.set_start_method("METHOD")
    with gittrack.start_run("parent"):
        workers = [multiprocessing.Process(target=work, args=(n,)) for n in range(3)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        gittrack.log_metric("loss/parent", 9.0)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_workers_log_to_the_same_run(repo: Path, method: str) -> None:
    """However workers are started, their points are in the run."""
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this platform has no {method}")
    (repo / "work.py").write_text(WORKERS.replace("METHOD", method))
    run_python(
        "import runpy; runpy.run_path('work.py', run_name='__main__')"
        if method == "fork"
        else "import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'work.py']))",
        cwd=repo,
    )
    (run,) = found()
    assert set(run.metrics) == {"loss/0", "loss/1", "loss/2", "loss/parent"}


def test_threads_log_to_the_run_of_the_process() -> None:
    """A thread that began nothing logs to the active run."""
    with gittrack.start_run() as run, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: gittrack.log_metric("loss", n, step=n), range(100)))
    assert gittrack.get_run(run.run_id).metrics["loss"].count == 100


def test_threads_can_have_runs_of_their_own() -> None:
    """Each thread may begin its own run."""

    def work(number: int) -> str:
        with gittrack.start_run(f"t{number}", nested=True) as run:
            gittrack.log_metric("n", number)
        return run.run_id

    with gittrack.start_run("parent") as parent, ThreadPoolExecutor(4) as pool:
        trials = [gittrack.get_run(run_id) for run_id in pool.map(work, range(4))]
    assert [run.metrics["n"].last for run in trials] == [0, 1, 2, 3]
    assert {run.parent_id for run in trials} == {parent.run_id}
    assert "n" not in gittrack.get_run(parent.run_id).metrics


def test_another_program_is_nested(repo: Path) -> None:
    """A script that the program starts is a run of its own, inside."""
    with gittrack.start_run("driver") as driver:
        run_python("import gittrack\nwith gittrack.start_run('trial'): gittrack.log_metric('x', 1)", cwd=repo)
    trial = named("trial")
    assert trial.parent_id == driver.run_id


def wrapped(repo: Path) -> str:
    """A run as `gittrack run` begins it; its journal stays open in this process."""
    store = RunStore.open(start=repo)
    journal = store.create(Run(id=store.new_id(), name="wrapped", start_time=now_ms()))
    OPEN.append((store, journal))
    return store.live_directories().__next__().name


OPEN: list[tuple[RunStore, Journal]] = []


def unwrapped(run_id: str) -> Run:
    """End the run that :func:`wrapped` began."""
    store, journal = OPEN.pop()
    journal.event(Ended("finished", now_ms(), 0))
    journal.close()
    finished = store.finish(run_id)
    assert finished is not None
    return finished


def test_inside_the_wrapper(repo: Path) -> None:
    """A program joins the run around it, and does not end it."""
    run_id = wrapped(repo)
    script = (
        "import gittrack\n"
        "with gittrack.start_run('mine', params={'lr': 1}) as run: gittrack.log_metric('x', 1)\n"
        "print(run.run_id)"
    )
    assert (
        run_python(script, cwd=repo, GITTRACK_RUN_ID=run_id, GITTRACK_REPO=str(repo)).stdout.strip() == run_id
    )
    run = unwrapped(run_id)
    assert (run.name, run.params, run.metrics["x"].last) == ("mine", {"lr": 1}, 1.0)


def test_a_second_program_inside_the_wrapper(repo: Path) -> None:
    """The first program joins; each later one is nested, so that trials do not mix."""
    run_id = wrapped(repo)
    for name in ("one", "two"):
        script = f"import gittrack\nwith gittrack.start_run('{name}'): gittrack.log_metric('x', 1)"
        run_python(script, cwd=repo, GITTRACK_RUN_ID=run_id, GITTRACK_REPO=str(repo))
    assert unwrapped(run_id).name == "one"
    two = named("two")
    assert two.parent_id == run_id


LAUNCH = {
    "WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
    "TORCHELASTIC_RUN_ID": "none",
}


def test_a_launch_that_records_several_runs(repo: Path) -> None:
    """The ranks of one launch meet in each run that all of them begin, one after the other."""
    import subprocess
    import sys

    script = (
        "import gittrack\n"
        "for fold in range(2):\n"
        "    with gittrack.start_run(f'fold-{fold}'): gittrack.log_metric('loss', float(fold))\n"
    )
    words = [sys.executable, "-c", script]
    ranks = [
        subprocess.Popen(words, cwd=repo, env=python_environment(RANK=str(n), LOCAL_RANK=str(n), **LAUNCH))
        for n in range(2)
    ]
    assert [rank.wait() for rank in ranks] == [0, 0]
    assert {(run.name, run.metrics["loss"].last) for run in found()} == {("fold-0", 0.0), ("fold-1", 1.0)}


def test_ranks_of_one_launch_are_one_run(repo: Path) -> None:
    """Processes started by torchrun share a run; each rank's points are kept."""
    import subprocess
    import sys

    script = (
        "import os, gittrack\n"
        "with gittrack.start_run('ddp'):\n"
        "    gittrack.log_metric('loss', float(os.environ['RANK']))\n"
    )
    launch = LAUNCH | {"WORLD_SIZE": "4"}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=repo,
            env=python_environment(RANK=str(n), LOCAL_RANK=str(n), **launch),
        )
        for n in range(4)
    ]
    assert [rank.wait() for rank in ranks] == [0] * 4
    (run,) = found()
    assert run.metrics["loss"].last == 0.0
    series = RunStore.open(start=repo).series(run.id)
    assert {(one.rank, one.values[0]) for one in series} == {(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)}


def test_a_thread_without_a_run_beside_one_that_has() -> None:
    """It logs to the run of the main thread, not to that of the other thread."""
    begun, logged = threading.Event(), threading.Event()

    def own() -> None:
        with gittrack.start_run("own", nested=True):
            begun.set()
            assert logged.wait(30)

    with gittrack.start_run("main"), ThreadPoolExecutor(2) as pool:
        first = pool.submit(own)
        assert begun.wait(30)
        pool.submit(gittrack.log_metric, "x", 1.0).result()
        logged.set()
        first.result()
    assert "x" in named("main").metrics
    assert "x" not in named("own").metrics


def test_a_run_of_a_thread_alone() -> None:
    """Where only a thread has a run, the others log to it."""
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(gittrack.start_run, "alone").result()
        gittrack.log_metric("x", 1.0)
        pool.submit(run.end).result()
    assert named("alone").metrics["x"].last == 1.0
