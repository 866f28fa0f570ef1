"""The examples run as their readers run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import git_run, make_repo

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with the examples in it."""
    repo = make_repo(tmp_path / "clone")
    shutil.copytree(EXAMPLES, repo / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "examples", cwd=repo)
    return repo


def run(*words: str, cwd: Path) -> str:
    """What a program of this Python prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # projects run `python`
    env = os.environ | {"COLUMNS": "100", "OMP_NUM_THREADS": "1", "PATH": path}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(repo: Path) -> list[dict[str, object]]:
    """The runs of a repository as `ls --json` gives them."""
    found: list[dict[str, object]] = json.loads(run("-m", "gittrack", "ls", "--json", cwd=repo))
    return found


def test_serving_ends_with_answers(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model is trained, registered, served by its alias and asked in two protocols."""
    monkeypatch.setenv("GITTRACK_TRUST_FILE", str(tmp_path / "trusted"))
    said = run("examples/serving/main.py", cwd=clone)
    assert "models:/wines/1" in said
    assert "/invocations: [" in said
    assert "/v2/models/wines/infer: [" in said


def test_digits_ends_with_a_table_and_a_plot(clone: Path) -> None:
    """Twice in one clone: each time all settings are trained, compared and drawn."""
    for turn in (1, 2):
        said = run("examples/digits/main.py", "--epochs", "3", cwd=clone)
        assert len(records(clone)) == 5 * turn
        assert said.index("gittrack compare") < said.index("gittrack plot val_loss")
        assert "lr0.5-hidden32" in said[said.index("gittrack compare") :]
    assert git_run("status", "--porcelain", cwd=clone) == ""


def test_digits_learns(clone: Path) -> None:
    """The curves are real: after ten epochs most digits are read."""
    run("examples/digits/train.py", "--epochs", "10", cwd=clone)
    (record,) = records(clone)
    assert record["experiment"] == "digits"
    assert record["status"] == "finished"
    metrics = record["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["val_acc"] > 0.9


def test_pipeline_reuses_what_has_not_changed(clone: Path) -> None:
    """Five runs the first time; a changed step runs again with what follows from it, and nothing else."""
    steps = ["load", "prepare", "train", "evaluate"]
    first = run("-m", "gittrack", "run", "examples/pipeline", cwd=clone)
    assert [line.split(":")[0] for line in first.splitlines()] == steps
    assert "(reused)" not in first
    *nested, main = records(clone)
    assert len(nested) == 4
    assert {record["parent_run_id"] for record in nested} == {main["run_id"]}
    metrics = main["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["accuracy"] > 0.9
    again = run("-m", "gittrack", "run", "examples/pipeline", "-P", "strength=5", cwd=clone)
    assert ["(reused)" in line for line in again.splitlines()] == [True, True, False, False]
    assert git_run("status", "--porcelain", cwd=clone) == ""


def test_sweeps_find_a_good_model(clone: Path) -> None:
    """A function and a project: each trial is a nested run, and the best has a name."""
    said = run("examples/sweep/search.py", "--trials", "4", cwd=clone)
    found = said.split("gittrack show ")[1].strip()
    best = json.loads(run("-m", "gittrack", "show", "--json", found, cwd=clone))
    assert best["metrics"]["val_loss"]["last"] < 0.2
    words = ["-P", "depth=1,3", "-P", "stages=5", "--metric", "val_loss", "-j", "2", "--json"]
    record = json.loads(run("-m", "gittrack", "sweep", "examples/sweep", *words, cwd=clone))
    assert [trial["status"] for trial in record["trials"]] == ["finished", "finished"]
    assert len(records(clone)) == 5 + 3


def test_projects_are_valid() -> None:
    """`gittrack project validate` finds nothing wrong with any of them."""
    for path in sorted(EXAMPLES.glob("*/MLproject")):
        assert run("-m", "gittrack", "project", "validate", str(path.parent), cwd=EXAMPLES).endswith(
            "is fine\n"
        )
