from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.query.select import resolve
from gittrack.store.runs import RunStore
from tests.support.projects import make_project

if TYPE_CHECKING:
    from gittrack.core.records import Run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and the current folder in it."""
    monkeypatch.setenv("SHOWN", str(tmp_path / "shown.json"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    path = make_project(tmp_path / "project")
    monkeypatch.chdir(path)
    return path


def newest(repo: Path) -> Run:
    """The run that was recorded last."""
    return resolve(RunStore.open(start=repo), "@last")


@pytest.mark.parametrize(
    "words",
    [
        [".", "-P", "alpha=0.1", "-P", "text=a=b", "--experiment", "e", "--name", "n"],
        ["-P", "alpha=0.1", "--param-list", "text=a=b", ".", "--experiment-name", "e", "--run-name", "n"],
        [
            ".",
            "-e",
            "main",
            "-P",
            "alpha=0.1",
            "-P",
            "text=a=b",
            "--experiment",
            "e",
            "-n",
            "n",
            "--env-manager",
            "local",
        ],
        [".", "-P", "alpha=0.1", "-P", "text=a=b", "--experiment", "e", "-n", "n", "-b", "local", "-c", "{}"],
    ],
)
def test_options(project: Path, capfd: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Options stand anywhere, in our words and MLflow's."""
    assert invoke(["run", *words]) == 0
    run = newest(project)
    assert (run.params, run.experiment, run.name) == ({"alpha": 0.1, "text": "a=b"}, "e", "n")
    assert capfd.readouterr().err.startswith(f"run {run.id} (n) finished in ")


def test_exit_status(project: Path) -> None:
    """It is that of the command."""
    assert invoke(["run", "-q", ".", "-e", "fail"]) == 3
    assert newest(project).status == "failed"


def test_dry_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would be run, and nothing is recorded."""
    assert invoke(["run", ".", "-P", "alpha=1", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"project      {project}",
        "entry point  main",
        "params       alpha = 1",
        "             text = two words",
        "environment  local (no file names an environment: taken as it is)",
        "command      python show.py 1 'two words'",
        f"runs         local, in {project}",
        f"records in   {project}, experiment default",
    ]
    assert list(RunStore.open(start=project).live()) == []


def test_dry_run_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for programs; of a version the commit, and no folder."""
    assert invoke(["run", ".", "--version", "main", "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["entry_point"], said["version"], said["directory"]) == ("main", "main", None)
    assert len(said["commit"]) == 40
    assert invoke(["run", ".", "--version", "main", "--dry-run"]) == 0
    assert f"project      {project} at {said['commit'][:12]}" in capsys.readouterr().out


def test_environment_of_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run says who would make the environment, and from what."""
    (project / "python_env.yaml").write_text('python: "3.11"\ndependencies: [six]\n')
    assert invoke(["run", ".", "--dry-run"]) == 0
    assert "environment  uv from python_env.yaml with Python 3.11\n" in capsys.readouterr().out


def test_needed(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It says which run is reused, or why a new one is made."""
    assert invoke(["run", ".", "--needed"]) == 0
    first = newest(project)
    assert capfd.readouterr().err.startswith("main is run: no run of it has finished yet\n")
    assert invoke(["run", ".", "--needed"]) == 0
    assert capfd.readouterr().err == (
        f"run {first.id} is reused: code, params, inputs and environment are unchanged\n"
    )


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (["gone"], 1, "no project at gone"),
        ([".", "-e", "mian"], 1, "no entry point 'mian'"),
        ([".", "-e", "read"], 1, "needs the param data"),
        ([".", "-P", "alpha=fast"], 1, "param 'alpha' is a number, not 'fast'"),
        ([".", "-P", "alpha"], 2, "'alpha' is no KEY=VALUE"),
        ([".", "-P", "a=1", "-P", "a=2"], 2, "param 'a' is given twice"),
        ([".", "-b", "moon"], 2, "no such backend: moon"),
        ([".", "-c", "["], 2, "--backend-config cannot be read"),
        ([".", "-c", "[]"], 2, "--backend-config is not a JSON object"),
        ([".", "-c", "gone.json"], 2, "--backend-config cannot be read"),
        ([".", "--json"], 2, "--json goes with --dry-run"),
        ([".", "--version", "gone"], 1, "no version 'gone'"),
        ([".", "--version", "-x"], 1, "not a version"),
        ([".", "--env", "magic"], 2, "no such environment manager"),
        ([".", "--nonsense"], 2, "no such option"),
        ([".", "other"], 2, "`--` must stand before the command: ."),
        (["--metrics", "m.json", "."], 2, "--metrics is an option of a command"),
        (["--needed", "--", "true"], 2, "--needed is an option of a project"),
    ],
)
def test_wrong(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, error: str
) -> None:
    """Each mistake is one line and a hint; nothing is recorded."""
    assert invoke(["run", *words]) == status
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert error in shown
    assert "\nhint: " in shown
    assert list(RunStore.open(start=project).live()) == []


def test_broken_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A project that cannot be read names file and line."""
    (project / "MLproject").write_text("python_env: a\nconda_env: b\n")
    assert invoke(["run", "."]) == 1
    assert (
        "MLproject: more than one environment: python_env and conda_env (line 2)" in capsys.readouterr().err
    )
