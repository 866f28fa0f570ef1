from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.events import Deleted
from gittrack.store.plumbing.git import RUNS
from tests.cli.recorded import begin, record
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    """Three runs, the oldest first."""
    return [
        record(store, name="base", params={"lr": 0.1}, start_time=1_000_000),
        record(store, name="wide", params={"lr": 0.1, "width": 2}, start_time=2_000_000),
        record(store, name="tiny", params={"lr": 0.01}, start_time=3_000_000, experiment="other"),
    ]


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The ids that `ls` lists."""
    assert invoke(["ls", "--ids", *words]) == 0
    return capsys.readouterr().out.split()


def test_newest_first(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """Runs come newest first, whole ids in a pipe."""
    assert invoke(["ls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["id", "name", "status"]
    assert [line.split()[0] for line in lines[1:]] == [run.id for run in reversed(runs)]


def test_limit(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`-n` takes the newest, `--all` every one."""
    assert listed(capsys, "-n", "1") == [runs[2].id]
    assert len(listed(capsys, "-n", "1", "--all")) == 3


def test_filter(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """Several filters must all hold."""
    assert listed(capsys, "params.lr = 0.1") == [runs[1].id, runs[0].id]
    assert listed(capsys, "params.lr = 0.1", "params.width = 2 or params.lr > 1") == [runs[1].id]


def test_experiment(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`-e` takes one experiment, or several."""
    assert listed(capsys, "-e", "other") == [runs[2].id]
    assert len(listed(capsys, "-e", "other", "-e", "digits")) == 3


def test_sort(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`--sort` orders by any key."""
    assert listed(capsys, "--sort", "params.lr ASC")[0] == runs[2].id


@pytest.mark.usefixtures("runs")
def test_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the columns that are named."""
    assert invoke(["ls", "--columns", "name,lr"]) == 0
    assert capsys.readouterr().out.splitlines() == ["name    lr", "tiny  0.01", "wide   0.1", "base   0.1"]


def test_json(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` is a list of records."""
    assert invoke(["ls", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [one["run_id"] for one in body] == [run.id for run in reversed(runs)]
    assert body[0]["metrics"]["loss"] == runs[2].metrics["loss"].last


def test_csv(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """`--csv` has every field and key."""
    assert invoke(["ls", "--csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["run_id"] for row in rows] == [run.id for run in reversed(runs)]
    assert [row["params.width"] for row in rows] == ["", "2", ""]


@pytest.mark.usefixtures("runs")
def test_csv_of_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """`--csv` with columns has these."""
    assert invoke(["ls", "--csv", "--columns", "name,lr", "-n", "1"]) == 0
    assert capsys.readouterr().out == "name,lr\ntiny,0.01\n"


@pytest.mark.usefixtures("runs")
def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    """`--md` is a table for a pull request."""
    assert invoke(["ls", "--md", "--columns", "name", "-n", "1"]) == 0
    assert capsys.readouterr().out == "| name |\n| --- |\n| tiny |\n"


def test_live_runs_are_listed(store: RunStore, runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """A run whose process lives is listed with the rest, as running."""
    live, journal = begin(store, name="now")
    assert invoke(["ls", "--json"]) == 0
    journal.close()
    body = json.loads(capsys.readouterr().out)
    assert (body[0]["run_id"], body[0]["status"], len(body)) == (live.id, "running", len(runs) + 1)


def test_abandoned_runs_are_finished(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run whose process is gone is finished first, and that is said."""
    live, journal = begin(store, name="gone")
    journal.close()
    assert invoke(["ls", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)[0]["status"] != "running"
    assert said.err.startswith("finished 1 abandoned run: " + live.id)


def test_removed_runs(store: RunStore, runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """Removed runs are listed with `--deleted` only."""
    store.edit([runs[0].id], [Deleted()])
    assert runs[0].id not in listed(capsys)
    assert runs[0].id in listed(capsys, "--deleted")


def test_no_runs(repo: object, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001  a repository without any
    """Where there are none, that is said, and it is no failure."""
    assert invoke(["ls"]) == 0
    assert capsys.readouterr() == ("", "no runs\n")
    assert invoke(["ls", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_filter_that_does_not_parse(repo: object, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    """A broken filter is shown with a caret."""
    assert invoke(["ls", "metrics.acc >"]) == 1
    assert "^" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_unknown_column(capsys: pytest.CaptureFixture[str]) -> None:
    """A column that no run has is wrong usage."""
    assert invoke(["ls", "--columns", "nam"]) == 2
    assert "did you mean 'name'?" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the table is coloured, fitted, and says what has no room."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    assert invoke(["ls"]) == 0
    said = capsys.readouterr()
    assert "\x1b[" in said.out
    assert "more columns" in said.err


@pytest.mark.usefixtures("runs")
def test_imports_nothing_heavy() -> None:
    """A list in a pipe needs neither Rich nor pandas nor GitPython."""
    code = (
        "import sys; from gittrack.cli.main import invoke; status = invoke(['ls']);"
        "heavy = {'pandas', 'git', 'fsspec', 'rich', 'psutil'};"
        "print(sorted(heavy & set(sys.modules)), status, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == "[] 0\n"


def test_broken_files_are_named(repo: Path, runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """Run files that cannot be read are named, and the rest is listed."""
    head = git_run("rev-parse", RUNS, cwd=repo)
    blob = git_run("hash-object", "-w", "--stdin", cwd=repo, stdin="{nonsense")
    env_index = str(repo / "scratch-index")
    paths = [f".runs/digits/2026-11/24/20261124-00000{n}-k3f9a2x0/run.yaml" for n in range(7)]
    entries = (["update-index", "--add", "--cacheinfo", f"100644,{blob},{path}"] for path in paths)
    tree = ["read-tree", head], *entries
    for words in tree:
        subprocess.run(["git", *words], cwd=repo, env={**os.environ, "GIT_INDEX_FILE": env_index}, check=True)
    written = subprocess.run(
        ["git", "write-tree"], cwd=repo, env={**os.environ, "GIT_INDEX_FILE": env_index},
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    commit = git_run("commit-tree", "-p", head, "-m", "broken", written, cwd=repo)
    git_run("update-ref", RUNS, commit, cwd=repo)
    assert invoke(["ls", "--ids"]) == 0
    said = capsys.readouterr()
    assert said.out.split() == [run.id for run in reversed(runs)]
    assert said.err.count("run.yaml") == 5
    assert "2 more files cannot be read" in said.err


def test_a_run_that_cannot_be_finished(
    store: RunStore, runs: list[Run], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where abandoned runs cannot be finished, that is a warning, and the rest is listed."""
    _, journal = begin(store, name="gone")
    journal.close()

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gittrack.store.runs.RunStore.recover", full)
    assert invoke(["ls", "--ids"]) == 0
    said = capsys.readouterr()
    assert runs[0].id in said.out
    assert said.err.startswith("warning: abandoned runs could not be finished")
