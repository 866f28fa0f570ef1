from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from fsspec import filesystem

from gittrack.launch.projects.source import fetched
from gittrack.launch.projects.uri import NoSuchProject
from tests.support.git import git_run
from tests.support.projects import make_project, write_project
from tests.support.web import served

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of a project."""
    write_project(tmp_path / "web" / "demo")
    return type(tmp_path)(
        shutil.make_archive(str(tmp_path / "web" / "demo"), "zip", tmp_path / "web" / "demo")
    )


def test_folder(tmp_path: Path) -> None:
    """A folder of this machine stays where it is; so does a folder in it."""
    write_project(tmp_path / "demo" / "sub")
    with fetched(str(tmp_path / "demo")) as place:
        assert (place.directory, place.lasting, place.commit) == (tmp_path / "demo", True, None)
    with fetched(f"{tmp_path}/demo#sub") as place:
        assert place.directory == tmp_path / "demo" / "sub"
    with pytest.raises(NoSuchProject), fetched(f"{tmp_path}/demo#gone"):
        pass


def test_downloaded_archive(archive: Path) -> None:
    """An archive from the web and from a store, gone with the block."""
    filesystem("memory").pipe("/shelf/demo.zip", archive.read_bytes())
    with served(archive.parent) as url:
        for text in (f"{url}/demo.zip", "memory://shelf/demo.zip"):
            with fetched(text) as place:
                assert (place.directory / "MLproject").is_file()
                assert (place.uri, place.lasting, len(place.archive or "")) == (text, False, 64)
            assert not place.directory.exists()
    filesystem("memory").rm("/shelf", recursive=True)


def test_folder_in_an_archive(archive: Path) -> None:
    """The part after `#` works there too."""
    with pytest.raises(NoSuchProject), fetched(f"{archive}#gone"):
        pass


def test_version_of_a_folder(tmp_path: Path) -> None:
    """A version of a folder within a repository is that folder in it."""
    repo = make_project(tmp_path / "repo")
    write_project(repo / "sub")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "sub", cwd=repo)
    with fetched(str(repo / "sub"), "main") as place:
        assert place.directory == place.root / "sub"
        assert (place.directory / "show.py").is_file()
        assert place.commit == git_run("rev-parse", "HEAD", cwd=repo)
    with pytest.raises(NoSuchProject), fetched(str(repo / "sub"), "HEAD~1"):
        pass


def test_version_of_a_bare_repository(tmp_path: Path) -> None:
    """A repository without a work tree is cloned."""
    repo = make_project(tmp_path / "repo")
    git_run("clone", "-q", "--bare", str(repo), str(tmp_path / "bare"), cwd=tmp_path)
    with fetched(str(tmp_path / "bare"), "main") as place:
        assert (place.directory / "MLproject").is_file()
