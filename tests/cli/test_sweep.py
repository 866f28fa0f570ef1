from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gittrack
from gittrack.cli.main import invoke
from gittrack.launch.sweep import worker
from gittrack.launch.sweep.trials import NUMBER, OF
from gittrack.query.search import search
from gittrack.store.runs import RunStore
from tests.support.git import make_repo
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from gittrack.core.records import Run

TRAIN = """\
import os, sys
lr = float(sys.argv[sys.argv.index("--lr") + 1])
assert float(os.environ.get("GITTRACK_PARAM_LR", lr)) == lr
print(f"epoch 0 loss={lr * 2}")
if lr > 5:
    sys.exit("too large")
"""
MLPROJECT = """\
name: demo
entry_points:
  main:
    parameters: {lr: {type: float, default: 0.5}, seed: {type: int, default: 0}}
    command: "python train.py --lr {lr} --seed {seed}"
"""
METRIC = ["--metric", "loss"]
COMMAND = ["--metrics-from-stdout", "--", sys.executable, "train.py"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a program and a project, and the current folder in it."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    path = make_repo(tmp_path / "project")
    (path / "train.py").write_text(TRAIN)
    (path / "MLproject").write_text(MLPROJECT)
    monkeypatch.chdir(path)
    return path


def children(repo: Path) -> list[Run]:
    """The runs of the trials, by number."""
    runs = search(RunStore.open(start=repo), f"tags.`{OF}` != ''", limit=None)
    return sorted(runs, key=lambda run: int(run.tags[NUMBER]))


def asked(capfd: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command line prints as JSON."""
    assert invoke([*words, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_a_command(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Params come as options and as variables; a line for each trial, the best at the end."""
    assert invoke(["sweep", "-P", "lr=0.5,0.1", "-P", "seed=1", "-n", "s", *METRIC, *COMMAND]) == 0
    first, second = children(project)
    assert (first.params, first.name) == ({"lr": 0.5, "seed": 1}, "s-0")
    assert first.command[-4:] == ("--lr", "0.5", "--seed", "1")
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("1/2 trial 0 lr=0.5 loss 1 finished in ")
    assert lines[0].endswith("s (best so far)")
    assert lines[2].endswith(" finished: 2 finished of 2 trials")
    assert lines[3] == f"best loss 0.2: trial 1, run {second.id}, lr=0.1"
    assert lines[4] == f"again: gittrack reproduce {second.id}"
    assert len(lines) == 5


def test_a_project(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its entry point gets the params; what was not given is its default."""
    (project / "train.py").write_text(
        "import gittrack, sys\ngittrack.log_metric('loss', float(sys.argv[2]))\n"
    )
    record = asked(capfd, "sweep", "-P", "lr=0.5,0.1", "-j", "2", *METRIC)
    first, second = children(project)
    assert (first.params, second.params) == ({"lr": 0.5, "seed": 0}, {"lr": 0.1, "seed": 0})
    assert record["best"] == second.id
    assert [one["status"] for one in record["trials"]] == ["finished", "finished"]


def test_a_project_on_an_engine(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each trial is a job; its run comes back and is nested like any other."""
    (project / "train.py").write_text(
        "import gittrack, sys\ngittrack.log_metric('loss', float(sys.argv[2]))\n"
    )
    record = asked(capfd, "sweep", "-P", "lr=0.5,0.1", "-j", "2", "--backend", "local", *METRIC)
    first, second = children(project)
    assert {first.parent_id, second.parent_id} == {record["run_id"]}
    assert first.tags["gittrack.backend"] == "local"
    assert record["best"] == second.id
    again = asked(capfd, "sweep", "--resume", record["run_id"])
    assert again["trials"] == record["trials"]


def test_what_would_be_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--dry-run lists the trials, and records nothing."""
    preview = asked(capfd, "sweep", "-P", "lr=0.5,0.1", "-P", "seed=range(2)", "--dry-run")
    assert len(preview["points"]) == 4
    assert preview["command"] == "python train.py --lr 0.5 --seed 0"
    assert invoke(["sweep", "-P", "lr=0.5,0.1", "--dry-run", *COMMAND]) == 0
    out = capfd.readouterr().out
    assert out.startswith("grid of 2 trials: lr\n")
    assert out.endswith("trial   lr\n    0  0.5\n    1  0.1\n")
    assert children(project) == []


def test_a_search_that_learns_lists_no_trials(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It shows the space."""
    words = ["-P", "lr=loguniform(0.1, 1)", "-P", "seed=1,2", "--sampler", "tpe", "--trials", "3"]
    assert invoke(["sweep", *words, "--dry-run", *METRIC, "--", "true"]) == 0
    assert capfd.readouterr().out.splitlines() == [
        "TPE search of 3 trials: lr, seed",
        "each trial depends on those before it",
        "  lr: loguniform(0.1, 1.0)",
        "  seed: choice(1, 2)",
    ]
    assert children(project) == []


def test_the_space_from_a_file(project: Path) -> None:
    """Options win over the file."""
    (project / "sweep.yaml").write_text(
        "params:\n  lr: [0.5, 0.1]\n  seed: range(2)\nmetric: los\ntrials: 3\n"
    )
    assert invoke(["sweep", "-q", "--space", "sweep.yaml", "-P", "seed=7", *METRIC, *COMMAND]) == 0
    assert [run.params for run in children(project)] == [{"lr": 0.5, "seed": 7}, {"lr": 0.1, "seed": 7}]


def test_all_trials_fail(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, and the first error with the last line of its output."""
    assert invoke(["sweep", "-P", "lr=6,7", *COMMAND]) == 1
    first, _ = children(project)
    assert capfd.readouterr().err.splitlines() == [
        "error: all 2 trials failed, the first with exit code 1: too large",
        f"hint: `gittrack show {first.id}` has its output",
    ]


def test_some_trials_fail(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """That is no failure of the sweep; it says which was the first."""
    assert invoke(["sweep", "-P", "lr=1,7", *METRIC, *COMMAND]) == 0
    failed = children(project)[1]
    assert f"first failure: trial 1, run {failed.id}, exit code 1: too large" in capfd.readouterr().out


def test_a_command_that_is_not_there(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is said once."""
    assert invoke(["sweep", "-P", "lr=1", "--", "no-such-command"]) == 1
    assert "the only trial failed: command not found: no-such-command" in capfd.readouterr().err
    assert children(project)[0].status == "failed"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-P", "lrr=1"], "error: entry point 'main' takes no param 'lrr'\nhint: did you mean 'lr'?\n"),
        (["-P", "lr=x"], "param 'lr' is a number"),
        (["-P", "lr=1,,2"], "error: lr: a value is missing\n  1,,2\n    ^\nhint: "),
        (["-P", "lr=1", "-P", "lr=2"], "param 'lr' is given twice"),
        (["-P", "lr"], "is no NAME=SPACE"),
        ([], "there is nothing to sweep over"),
        (["-P", "lr=1", "-e", "main", "--", "true"], "--entry-point is an option of a project"),
        (["-P", "lr=1", "--metrics-from-stdout"], "--metrics-from-stdout is an option of a command"),
        (["-P", "learning=1", "--", "echo", "{learnin}"], "the space takes no param 'learnin'"),
        (["-P", "lr=1", "--timeout", "soon"], "not a time"),
        (["-P", "lr=1", "-j", "0"], "--jobs is 1 or more"),
        (["-P", "lr=1", "--backend", "slurmm"], "no such backend"),
        (["--space", "nothing.yaml"], "nothing.yaml: No such file"),
        (["--resume", "nothing"], "no run nothing"),
    ],
)
def test_mistakes(project: Path, capfd: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    """Each is said with a hint, and nothing is recorded."""
    assert invoke(["sweep", *words]) in {1, 2}
    err = capfd.readouterr().err
    assert says in err
    assert "hint: " in err
    assert children(project) == []


def test_nothing_to_run(repo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a project here it says what to give."""
    assert invoke(["sweep", "-P", "lr=1"]) == 2
    assert "error: there is nothing to run\n" in capfd.readouterr().err
    assert children(repo) == []


def test_a_secret_in_the_command_is_not_kept(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """So the command has to be given again to resume."""
    command = ["--", "true", "--api-key", "hunter2hunter2"]
    assert invoke(["sweep", "-q", "-P", "lr=1", *command]) == 0
    store = RunStore.open(start=project)
    sweep = store.get(children(project)[0].parent_id or "")
    assert "hunter2" not in str(sweep)
    assert invoke(["sweep", "--resume", sweep.id]) == 2
    assert "hint: give it again: gittrack sweep --resume RUN -- CMD" in capfd.readouterr().err
    assert invoke(["sweep", "-q", "--resume", sweep.id, *command]) == 0
    assert len(children(project)) == 1


def test_a_sweep_of_a_function_is_resumed_in_python(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The command line says how; nor does a sweep change what it runs."""
    found = gittrack.sweep(dict, {"a": [1]})
    assert invoke(["sweep", "--resume", found.run_id]) == 2
    assert "hint: resume it in Python: gittrack.sweep(builtins.dict, resume=RUN)" in capfd.readouterr().err
    assert invoke(["sweep", "--resume", found.run_id, "--", "true"]) == 2
    assert "that sweep runs a function" in capfd.readouterr().err
    assert len(children(project)) == 1


@pytest.mark.parametrize("words", [COMMAND, ["--env", "local"], ["--backend", "local"]])
def test_a_sweep_on_a_topic(project: Path, words: list[str]) -> None:
    """All its runs go there."""
    assert invoke(["sweep", "-q", "-P", "lr=1", "--topic", "idea", *words]) == 0
    store = RunStore.open(start=project)
    assert search(store) == []
    assert len(search(store.on("idea"))) == 2


def test_a_sweep_is_resumed_from_another_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trials run where they ran before."""
    (project / "inner").mkdir()
    monkeypatch.chdir(project / "inner")
    (project / "train.py").rename(project / "inner" / "train.py")
    search_words = ["-P", "lr=uniform(0,1)", "--sampler", "random", "--trials", "1"]
    assert invoke(["sweep", "-q", *search_words, *COMMAND]) == 0
    monkeypatch.chdir(project)
    sweep_id = children(project)[0].parent_id or ""
    assert invoke(["sweep", "-q", "--resume", sweep_id, "--trials", "2"]) == 0
    runs = children(project)
    assert [(run.status, run.source.directory) for run in runs] == [("finished", "inner")] * 2


def test_interrupted_and_resumed(project: Path) -> None:
    """On a terminal: a live table, ^C, the hint, and the rest."""
    words = [sys.executable, "-m", "gittrack"]
    sweep = [*words, "sweep", "-P", "lr=range(1,5)", *METRIC, *COMMAND[:2], "sh", "-c"]
    code = "echo loss={lr}; [ -e go ] || [ {lr} = 1 ] || sleep 600"
    screen = Terminal([*sweep, code], (24, 100))
    try:
        screen.wait_for("1 of 4 trials, 1 running")
        os.kill(screen.pid, signal.SIGINT)
        said = screen.wait_for("--resume ")
        assert screen.end() == 130
    finally:
        screen.kill()
    assert "best loss 1 in trial 0: lr=1" in said
    (project / "go").touch()
    (store, first) = RunStore.open(start=project), children(project)[0]
    sweep_id = first.parent_id or ""
    assert store.get(sweep_id).status == "interrupted"
    assert [run.status for run in children(project)] == ["finished", "interrupted"]
    assert invoke(["sweep", "-q", "--resume", sweep_id, "-j", "2"]) == 0
    runs = children(project)
    assert sorted(run.tags[NUMBER] for run in runs if run.status == "finished") == ["0", "1", "2", "3"]
    assert len(runs) == 5


def test_a_command_that_will_not_end_is_killed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First it is asked, then its whole group; in the end nobody is asked any more."""
    monkeypatch.setattr(worker, "GRACE", 0.2)
    monkeypatch.setattr(worker, "LAST", 0.4)
    code = "trap '' TERM; for i in 1 2; do echo loss={x}; done; [ {x} -lt 9 ] || (sleep 600; true)"
    words = [
        "-P",
        "x=1,9",
        "--trial-timeout",
        "0.5s",
        *METRIC,
        "--metrics-from-stdout",
        "--",
        "sh",
        "-c",
        code,
    ]
    assert invoke(["sweep", "-q", *words]) == 0
    assert [run.status for run in children(project)] == ["finished", "killed"]
