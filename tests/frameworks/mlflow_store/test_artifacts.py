from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mlflow.exceptions import MlflowException

from gittrack.mlflow.artifacts import GitTrackArtifacts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(store: Any, tmp_path: Path) -> GitTrackArtifacts:
    """The artifacts of a run that has two files."""
    run = store.create_run("0", "ada", 1000, [], "r")
    made = GitTrackArtifacts(run.info.artifact_uri)
    source = tmp_path / "made"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("a")
    (source / "deep" / "b.txt").write_text("bb")
    made.log_artifacts(str(source), "all")
    made.log_artifact(str(source / "a.txt"))
    return made


def test_listing(kept: GitTrackArtifacts) -> None:
    """Folders and files of one level, with sizes; nothing in a file, or where nothing is."""
    assert [(one.path, one.is_dir, one.file_size) for one in kept.list_artifacts()] == [
        ("a.txt", False, 1),
        ("all", True, None),
    ]
    assert [one.path for one in kept.list_artifacts("all")] == ["all/a.txt", "all/deep"]
    assert kept.list_artifacts("a.txt") == kept.list_artifacts("nothing") == []


def test_download(kept: GitTrackArtifacts, tmp_path: Path) -> None:
    """A file, and a folder with what is below it."""
    (tmp_path / "to").mkdir()
    folder = kept.download_artifacts("all", str(tmp_path / "to"))
    assert (tmp_path / "to" / "all" / "deep" / "b.txt").read_text() == "bb"
    assert folder.endswith("all")


def test_nothing_there(kept: GitTrackArtifacts, tmp_path: Path) -> None:
    """A file that is not there is an error, and leaves none behind."""
    with pytest.raises(MlflowException, match="No such artifact"):
        kept._download_file("nothing", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("path", ["../x", "/etc", "a/../../x"])
def test_paths_stay_within(kept: GitTrackArtifacts, tmp_path: Path, path: str) -> None:
    """No path leaves the run."""
    (tmp_path / "f").write_text("f")
    with pytest.raises(MlflowException, match="Invalid"):
        kept.log_artifact(str(tmp_path / "f"), path)


def test_no_run(store: Any, tmp_path: Path) -> None:
    """The root of all artifacts has no files of its own."""
    (tmp_path / "f").write_text("f")
    root = GitTrackArtifacts(store.artifact_root_uri)
    assert root.list_artifacts() == []
    with pytest.raises(MlflowException, match="names no run"):
        root.log_artifact(str(tmp_path / "f"))
    with pytest.raises(MlflowException, match="No such artifact"):
        root._download_file("x", str(tmp_path / "x"))


def test_nothing_is_deleted(kept: GitTrackArtifacts) -> None:
    """What a run made stays."""
    with pytest.raises(MlflowException, match="keeps what runs made"):
        kept.delete_artifacts("a.txt")
