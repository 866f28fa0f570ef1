from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gittrack
import gittrack.artifacts
from gittrack.core.errors import GitTrackError
from gittrack.store.kept.choosing import ArtifactNotFound
from tests.support.kept import made

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run with a file and a directory."""
    return made(store, {"plots/a.bin": b"a"}, {"model": {"w/0": b"0", "c.yaml": b"c"}})


def test_list(run: Run) -> None:
    """Artifacts of a run, or the files of a directory."""
    assert [(one.path, one.is_dir, one.where) for one in gittrack.list_artifacts(run.id)] == [
        ("model", True, "here"),
        ("plots/a.bin", False, "here"),
    ]
    assert [one.path for one in gittrack.list_artifacts("@last", "model")] == ["model/c.yaml", "model/w/0"]


@pytest.mark.parametrize(
    ("path", "local"),
    [("model", "model"), ("model/w/", "model/w"), ("plots/a.bin", "plots/a.bin"), ("*.bin", "")],
)
def test_download(run: Run, tmp_path: Path, path: str, local: str) -> None:
    """Gives the path of what was asked for."""
    found = gittrack.download_artifacts(run.id, path, tmp_path / "out")
    assert found == str(tmp_path / "out" / local)
    assert Path(found).exists()


def test_download_a_run(run: Run) -> None:
    """Into a temporary folder."""
    found = Path(gittrack.download_artifacts(run.id))
    assert (found / "model/w/0").read_bytes() == b"0"


def test_of_another_repository(run: Run, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository can be named."""
    monkeypatch.chdir(tmp_path)
    assert len(gittrack.list_artifacts(run.id, repo=repo)) == 2
    assert Path(gittrack.download_artifacts(run.id, "model", "here", repo=repo)) == Path("here/model")


def test_errors(run: Run, tmp_path: Path) -> None:
    """A path that is none is a `GitTrackError`."""
    with pytest.raises(ArtifactNotFound):
        gittrack.download_artifacts(run.id, "none", tmp_path)
    with pytest.raises(GitTrackError):
        gittrack.list_artifacts(run.id, "none")


def test_where_users_of_mlflow_look() -> None:
    """`gittrack.artifacts` has the same functions, and nothing else."""
    assert gittrack.artifacts.download_artifacts is gittrack.download_artifacts
    assert gittrack.artifacts.list_artifacts is gittrack.list_artifacts
    with pytest.raises(AttributeError):
        _ = gittrack.artifacts.something
