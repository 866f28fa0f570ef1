"""What `path` params of a project had downloaded comes again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.records import Input, Run
from gittrack.launch.reproduction.downloads import fetch
from gittrack.launch.reproduction.reproduce import preview, repeat_run
from gittrack.launch.reproduction.script import script_of
from tests.support.faults import forged, make_training
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

PROJECT = """\
name: reader
entry_points:
  main:
    parameters:
      data: path
    command: "cat {data}"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A repository with a project that reads a file."""
    found = make_training(tmp_path / "repo", monkeypatch)
    (tmp_path / "repo" / "MLproject").write_text(PROJECT)
    git_run("add", "MLproject", cwd=tmp_path / "repo")
    git_run("commit", "-q", "-m", "project", cwd=tmp_path / "repo")
    return found


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run of it with an artifact of another run."""
    with gittrack.start_run("made", repo=store.git.place.work_tree) as made:
        made.log_text("7\n", "table.csv")
    return gittrack.run_project(
        ".", params={"data": f"runs:/{made.run_id}/table.csv"}, env_manager="local"
    ).run


def test_fetched_again(store: RunStore, run: Run) -> None:
    """The command reads a fresh copy, which is verified, and the verdict does not see its place."""
    found = repeat_run(store, run)
    assert found.verdict.level == "identical"
    (used,) = found.preparation.inputs
    assert (used.used.name, used.state) == ("data", "fetched")
    (again,) = repeat_run(store, found.runs[0]).runs
    assert again.status == "finished"


def test_preview_fetches_nothing(store: RunStore, run: Run) -> None:
    """A preview and a script say where it comes from."""
    found = preview(store, run)
    assert [one.state for one in found.inputs] == ["to be fetched"]
    assert any("# fetch runs:/" in line for line in script_of(store, found))


def test_changed_or_gone(store: RunStore, run: Run) -> None:
    """Another content, or none, makes the run not comparable."""
    used = run.inputs[0]
    changed = forged(store, run, inputs=(dataclasses.replace(used, sha256="0" * 64),))
    assert "holds something else now" in repeat_run(store, changed).verdict.reasons[0]
    gone = forged(store, run, inputs=(dataclasses.replace(used, uri="runs:/nosuch/table.csv"),))
    assert "input data is missing" in repeat_run(store, gone).verdict.reasons[0]
    unknown = forged(store, run, inputs=(dataclasses.replace(used, sha256=None),))
    assert repeat_run(store, unknown).preparation.inputs[0].state == "not verified"
    unnamed = forged(store, run, inputs=())
    assert "that no input names" in repeat_run(store, unnamed).verdict.reasons[0]


def test_order_where_names_do_not_tell(store: RunStore) -> None:
    """Two files of one name go by the order of their params."""
    words = ("sh", "-c", "cat /tmp/gittrack-abcdefg1/param_0/x.csv /tmp/gittrack-abcdefg1/param_3/x.csv")
    inputs = tuple(Input(name, f"https://example.org/{name}/x.csv", context="param") for name in "ab")
    run = Run("20261124-000000-abcdefgh", command=words, inputs=inputs)
    assert [one.used.name for one in fetch(store, run, words, None).inputs] == ["a", "b"]
