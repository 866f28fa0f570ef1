from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import UsageError
from gittrack.core.records import Input, Source
from gittrack.launch.current import WORK_TREE, current, diff_runs
from gittrack.store.runs import RunStore
from gittrack.tracking.inputs import Wanted, input_of
from tests.cli.recorded import record
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run


@pytest.fixture
def run(repo: Path, store: RunStore) -> Run:
    """A run that read two files, one table and a URL."""
    (repo / "data.csv").write_text("1\n")
    (repo / "gone.csv").write_text("1\n")
    commit = git_run("rev-parse", "HEAD", cwd=repo)
    read = [input_of(Wanted(repo / name), store) for name in ("data.csv", "gone.csv")]
    others = (Input("frame", "", "ab" * 32, kind="dataframe"), Input("far", "s3://b/k", "cd" * 32))
    return record(
        store,
        name="base",
        command=("python", "train.py"),
        source=Source(commit, snapshot=commit, branch="main"),
        inputs=(*read, *others, Input("up", "../data.csv", "ef" * 32)),
    )


def test_code_data_and_environment_as_they_are(
    repo: Path, store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed file, one that is gone, and untracked code; what is elsewhere stays as it was."""
    monkeypatch.setenv("PATH", os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"])))  # noqa: PTH120  as text
    (repo / "data.csv").write_text("2\n")
    (repo / "gone.csv").unlink()
    now = current(store, run)
    assert now.run.id == WORK_TREE
    assert now.run.source.snapshot != run.source.snapshot
    inputs = {one.name: one.sha256 for one in now.run.inputs}
    before = {one.name: one.sha256 for one in run.inputs}
    assert inputs.pop("data.csv") != before.pop("data.csv")
    del before["gone.csv"]
    assert inputs == before
    assert now.environment["packages"]


def test_an_input_that_cannot_be_read(repo: Path, store: RunStore, run: Run) -> None:
    """Its digest is not known then."""
    (repo / "data.csv").unlink()
    (repo / "data.csv").symlink_to("data.csv")
    (repo / "gone.csv").unlink()
    (repo / "gone.csv").mkdir()
    found = {one.name: one.sha256 for one in current(store, run).run.inputs}
    assert "data.csv" not in found
    assert found["gone.csv"] != next(one.sha256 for one in run.inputs if one.name == "gone.csv")


def test_the_face(repo: Path, run: Run) -> None:
    """`diff_runs` says the same as the command."""
    (repo / "train.py").write_text("print(2)\n")
    (found,) = gittrack.diff_runs("base", work_tree=True, only=["code"])
    assert (found.before.id, [one.path for one in found.code or ()]) == (
        run.id,
        ["data.csv", "gone.csv", "train.py"],
    )
    assert diff_runs("base", "base", everything=True)[0].records.sections["metrics"]


@pytest.mark.usefixtures("run")
def test_one_side_is_no_diff() -> None:
    """The hint says what to add."""
    with pytest.raises(UsageError, match="two sides"):
        diff_runs("base")


def test_without_a_work_tree(run: Run, tmp_path: Path, repo: Path) -> None:
    """A bare repository has none to compare with."""
    git_run("clone", "-q", "--mirror", str(repo), str(tmp_path / "bare"), cwd=repo)
    with pytest.raises(UsageError, match="no work tree"):
        current(RunStore.open(start=tmp_path / "bare"), run)
