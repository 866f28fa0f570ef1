from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fsspec import filesystem

import gittrack
from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.download import Downloads
from gittrack.launch.projects.parameters import WrongParam
from gittrack.store.runs import RunStore
from tests.support.web import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def downloads(store: RunStore, tmp_path: Path) -> Downloads:
    """Downloads into a folder."""
    return Downloads(tmp_path / "got", store)


@pytest.fixture(autouse=True)
def _bucket() -> Iterator[None]:
    memory = filesystem("memory")
    memory.pipe("/bucket/in/d.csv", b"123")
    memory.pipe("/bucket/in/more/e.csv", b"45")
    yield
    memory.rm("/bucket", recursive=True)


def test_file(downloads: Downloads, tmp_path: Path) -> None:
    """A file keeps its name, in a folder of its param."""
    path = downloads.fetch("memory://bucket/in/d.csv", 2)
    assert (path.parts[-2:], path.read_bytes()) == (("param_2", "d.csv"), b"123")
    assert path.is_relative_to(tmp_path / "got")


def test_folder(downloads: Downloads) -> None:
    """A folder comes with everything below it."""
    path = downloads.fetch("memory://bucket/in/", 0)
    assert path.name == "in"
    found = {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()}
    assert found == {"d.csv": b"123", "more/e.csv": b"45"}


def test_whole_store(downloads: Downloads) -> None:
    """A bucket alone is all of it."""
    assert (downloads.fetch("memory://bucket", 0) / "in" / "d.csv").read_bytes() == b"123"


def test_nothing_there(downloads: Downloads) -> None:
    """What is not there is told, without credentials."""
    with pytest.raises(WrongParam, match="there is no file or folder at memory://bucket/gone"):
        downloads.fetch("memory://bucket/gone", 0)


def test_web(downloads: Downloads, tmp_path: Path) -> None:
    """A file by HTTP, with the name that it has there."""
    (tmp_path / "a b.csv").write_text("1")
    with served(tmp_path) as url:
        assert downloads.fetch(f"{url}/a%20b.csv?x=1", 0).name == "a b.csv"


def test_options_of_the_configured_store(repo: Path, tmp_path: Path) -> None:
    """A URL like the configured store is reached with its options; they are checked."""
    (repo / "gittrack.yaml").write_text("artifacts: {url: memory://b, options: {nonsense: 1}}\n")
    with pytest.raises(GitTrackError):
        Downloads(tmp_path / "got", RunStore.open(start=repo)).fetch("memory://bucket/in/d.csv", 0)


def test_temporary(store: RunStore) -> None:
    """Without a folder a temporary one is made, and is gone with the block."""
    with Downloads(None, store) as downloads:
        path = downloads.fetch("memory://bucket/in/d.csv", 0)
        assert path.is_file()
    assert not path.exists()


def test_empty(downloads: Downloads) -> None:
    """An empty text is an empty folder, as in MLflow."""
    assert list(downloads.fetch("", 0).iterdir()) == []


def test_artifacts(downloads: Downloads, tmp_path: Path) -> None:
    """`runs:/RUN/PATH` is an artifact, a file or a folder, whichever run the word names."""
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "sub" / "a").write_text("1")
    with gittrack.start_run("base") as run:
        gittrack.log_text("hello", "notes/t.txt")
        gittrack.log_artifact(tmp_path / "data")
    assert downloads.fetch(f"runs:/{run.run_id}/notes/t.txt", 0).read_text() == "hello"
    assert (downloads.fetch("runs:/base/data", 1) / "sub" / "a").read_text() == "1"
    assert (downloads.fetch("runs:/@last", 2) / "data" / "sub" / "a").read_text() == "1"


@pytest.mark.parametrize("url", ["runs:/gone/x", "runs:/base/x", "nonsense://a/b"])
def test_wrong(downloads: Downloads, url: str) -> None:
    """A run, an artifact or a store that is not there."""
    with gittrack.start_run("base"):
        gittrack.log_text("hello", "t.txt")
    with pytest.raises(GitTrackError):
        downloads.fetch(url, 0)
