"""Contents of files: copies, clones, digests, and whether a file changed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.content import CHUNK, Identity, clone, copy, digest_of, duplicate, is_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = os.urandom(3 * CHUNK + 7)
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of some chunks."""
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def cloning(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that can clone: a small Btrfs, where this machine may mount one."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mkfs.btrfs"):
        pytest.skip("needs root and mkfs.btrfs")
    image, folder = tmp_path / "btrfs.img", tmp_path / "btrfs"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(128 << 20)
    subprocess.run(["mkfs.btrfs", "-q", image], check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", image, folder], check=False, capture_output=True).returncode:
        pytest.skip("cannot mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_copy_is_whole_and_hashed(source: Path, tmp_path: Path) -> None:
    """Copying gives the content, its digest and its size."""
    with source.open("rb") as file, (tmp_path / "copy").open("xb") as out:
        stored = copy(file, out)
    assert stored == (DIGEST, len(DATA))
    assert (tmp_path / "copy").read_bytes() == DATA


def test_progress_adds_up(source: Path) -> None:
    """The callback is told every byte once."""
    told: list[int] = []
    with source.open("rb") as file:
        assert digest_of(file, told.append) == (DIGEST, len(DATA))
    assert sum(told) == len(DATA)
    assert len(told) > 1
    copied: list[int] = []
    with source.open("rb") as file:
        copy(file, io.BytesIO(), copied.append)
    assert sum(copied) == len(DATA)


def test_a_growing_file_comes_to_an_end(source: Path) -> None:
    """A writer that is faster than the copy does not keep it going."""

    def write(_: int) -> None:
        with source.open("ab") as file:
            file.write(bytes(2 * CHUNK))

    with source.open("rb") as file:
        assert copy(file, io.BytesIO(), write).size == len(DATA)


class _Full(io.BytesIO):
    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("chunks", [0.5, 64])
def test_a_full_disk_is_said(source: Path, chunks: float) -> None:
    """What the writing thread meets is raised where the copy was asked for, early or at the end."""
    source.write_bytes(bytes(int(chunks * CHUNK)))
    with source.open("rb") as file, pytest.raises(OSError, match="No space left"):
        copy(file, _Full())


def test_a_read_error_leaves_no_thread(tmp_path: Path) -> None:
    """A source that cannot be read ends the writer, too."""
    with (tmp_path / "out").open("xb") as written_only, pytest.raises(OSError, match="read"):
        copy(written_only, io.BytesIO())
    assert not [thread for thread in threading.enumerate() if thread.name == "gittrack-write"]


def test_duplicate_copies_where_it_cannot_clone(source: Path, tmp_path: Path) -> None:
    """Every file system gets a new file that shares nothing that matters."""
    with source.open("rb") as file:
        assert duplicate(file, tmp_path / "new") == (DIGEST, len(DATA))
    source.write_bytes(b"changed")
    assert (tmp_path / "new").read_bytes() == DATA


def test_a_clone_shares_blocks_and_is_independent(cloning: Path) -> None:
    """A clone has the content, and neither file sees what is written to the other."""
    (cloning / "source").write_bytes(DATA)
    with (cloning / "source").open("rb") as file:
        assert clone(file, cloning / "clone")
        assert duplicate(file, cloning / "second") == (DIGEST, len(DATA))
    with (cloning / "source").open("r+b") as file:
        file.write(b"changed")
    assert (cloning / "clone").read_bytes() == DATA


def test_a_failed_clone_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """Where the file system cannot clone there is no new file; where it can there is a whole one."""
    target = tmp_path / "clone"
    with source.open("rb") as file:
        could = clone(file, target)
    assert target.exists() == could


def test_a_clone_replaces_nothing(source: Path, tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    (tmp_path / "mine").write_bytes(b"mine")
    with source.open("rb") as file, pytest.raises(FileExistsError):
        clone(file, tmp_path / "mine")
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_write_is_seen(source: Path) -> None:
    """Size or time tells that a file was written."""
    with source.open("rb") as file:
        before = Identity.of(file)
        assert before.same_content(Identity.of(file))
        with source.open("ab") as writer:
            writer.write(b"more")
        assert not before.same_content(Identity.of(file))


def test_a_chmod_is_no_write(source: Path) -> None:
    """The content is the same after a change of mode."""
    with source.open("rb") as file:
        before = Identity.of(file)
        source.chmod(0o600)
        assert before.same_content(Identity.of(file))


def test_a_fresh_file_is_not_settled(source: Path) -> None:
    """A file that was just written may be written again within one tick of its clock."""
    with source.open("rb") as file:
        assert not Identity.of(file).settled()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's times are trusted")
def test_an_old_file_on_a_disk_is_settled() -> None:
    """A minute after the last change the times tell states apart, on a disk of this machine."""
    hour = time.time_ns() - 3600 * 10**9
    assert Identity(os.makedev(8, 1), 1, 1, hour, hour).settled()
    assert not Identity(os.makedev(8, 1), 1, 1, hour, time.time_ns()).settled()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such devices")
def test_a_network_file_is_never_settled() -> None:
    """A file system without a disk below it may show old times."""
    assert not Identity(os.makedev(0, 42), 1, 1, 0, 0).settled()


def test_a_pipe_is_no_regular_file() -> None:
    """A pipe has no size to hold it to."""
    out, into = os.pipe()
    os.close(into)
    with os.fdopen(out, "rb") as file:
        assert not is_regular(file)
    with Path(__file__).open("rb") as file:
        assert is_regular(file)
