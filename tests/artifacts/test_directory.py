"""What of a directory is kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.directory import UnsafeName, files_below
from gittrack.artifacts.manifest import decode
from gittrack.artifacts.objects import Objects

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An empty store."""
    return Objects(tmp_path / "objects")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to keep."""
    path = tmp_path / "model"
    path.mkdir()
    return path


def kept(objects: Objects, folder: Path) -> list[str]:
    """The paths that the manifest of a folder lists."""
    return [member.path for member in decode(objects.read(objects.put_directory(folder).sha256), "m")]


def test_many_files(objects: Objects, folder: Path) -> None:
    """More files than one batch all arrive, in order, whatever the number of jobs."""
    for number in range(1100):
        (folder / f"{number:04}").write_bytes(b"%d" % number)
    one = objects.put_directory(folder, jobs=1)
    assert one == objects.put_directory(folder, jobs=4)
    assert len(decode(objects.read(one.sha256), "m")) == 1100


def test_only_changed_files_are_stored_again(objects: Objects, folder: Path) -> None:
    """Two versions of a directory share the files that are equal."""
    for number in range(10):
        (folder / f"{number}").write_bytes(b"%d" % number)
    objects.put_directory(folder)
    before = set(objects.all())
    (folder / "3").write_bytes(b"changed")
    objects.put_directory(folder)
    assert len(set(objects.all()) - before) == 2  # the file and the manifest


def test_progress_adds_up(objects: Objects, folder: Path) -> None:
    """The callback is told every byte once."""
    (folder / "a").write_bytes(b"x" * 3_000_000)
    (folder / "b").write_bytes(b"y" * 10)
    told: list[int] = []
    objects.put_directory(folder, moved=told.append)
    assert sum(told) == 3_000_010


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no links or pipes to make")
def test_links_and_pipes(objects: Objects, folder: Path, tmp_path: Path) -> None:
    """Links to files are followed; links to folders, broken ones and pipes are passed over."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "big").write_bytes(b"big")
    (folder / "file").symlink_to(tmp_path / "elsewhere" / "big")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "up").symlink_to(folder)
    (folder / "broken").symlink_to(tmp_path / "nowhere")
    (folder / "empty").mkdir()
    os.mkfifo(folder / "pipe")
    assert kept(objects, folder) == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a:b", "a\\b", "line\nbreak", os.fsdecode(b"\xff")])
def test_names_that_do_not_work_everywhere(objects: Objects, folder: Path, name: str) -> None:
    """A file that another clone could not write is named."""
    (folder / name).write_bytes(b"x")
    with pytest.raises(UnsafeName, match="not a name that works on every system"):
        objects.put_directory(folder)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(objects: Objects, folder: Path) -> None:
    """Which file it was is in the error."""
    (folder / "secret").write_bytes(b"x")
    (folder / "secret").chmod(0)
    with pytest.raises(PermissionError, match="secret"):
        objects.put_directory(folder)


def test_a_folder_that_is_gone_is_named(folder: Path) -> None:
    """A folder that cannot be listed is an error, not an empty one."""
    with pytest.raises(FileNotFoundError, match="gone"):
        list(files_below(folder / "gone"))
