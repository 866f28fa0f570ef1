"""The local artifact store."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.manifest import decode
from gittrack.artifacts.objects import Objects
from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An empty store."""
    return Objects(tmp_path / "objects")


def test_bytes_come_back(objects: Objects) -> None:
    """A content is found under its SHA-256."""
    stored = objects.put_bytes(b"weights")
    assert stored == (hashlib.sha256(b"weights").hexdigest(), 7)
    assert objects.read(stored.sha256) == b"weights"
    assert objects.verify(stored.sha256)


def test_a_content_is_kept_once(objects: Objects, tmp_path: Path) -> None:
    """Equal files share one object, and nothing temporary stays."""
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b").write_bytes(b"x" * 3_000_000)
    assert objects.put_file(tmp_path / "a") == objects.put_file(tmp_path / "b")
    assert objects.put_bytes(b"x" * 3_000_000).size == 3_000_000
    assert len([path for path in objects.root.rglob("*") if path.is_file()]) == 1


def test_objects_are_read_only(objects: Objects) -> None:
    """An object is not changed by accident."""
    path = objects.path_of(objects.put_bytes(b"x").sha256)
    assert path.stat().st_mode & 0o222 == 0


def test_a_directory_is_a_manifest(objects: Objects, tmp_path: Path) -> None:
    """A directory gives one digest and the size of its files."""
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "b.bin").write_bytes(b"22")
    (tmp_path / "model" / "deep" / "a.bin").write_bytes(b"1")
    stored = objects.put_directory(tmp_path / "model")
    members = decode(objects.read(stored.sha256), "m")
    assert [member.path for member in members] == ["b.bin", "deep/a.bin"]
    assert stored.size == 3


def test_a_changed_object_does_not_verify(objects: Objects) -> None:
    """Verification reads the content."""
    sha256 = objects.put_bytes(b"good").sha256
    path = objects.path_of(sha256)
    path.chmod(0o644)
    path.write_bytes(b"evil")
    assert not objects.verify(sha256)


def test_a_missing_object_does_not_verify(objects: Objects) -> None:
    """What is not here is not whole."""
    assert not objects.verify("0" * 64)


def test_copy_to(objects: Objects, tmp_path: Path) -> None:
    """A copy is a new file that the user may change."""
    sha256 = objects.put_bytes(b"x").sha256
    objects.copy_to(sha256, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"x"
    (tmp_path / "out").write_bytes(b"mine")


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 64 + "/x"])
def test_no_digest_no_path(objects: Objects, digest: str) -> None:
    """Text that is no digest never becomes a path."""
    with pytest.raises(InvalidValue, match="not a SHA-256"):
        objects.path_of(digest)


def test_a_failed_write_leaves_nothing(objects: Objects, tmp_path: Path) -> None:
    """An unreadable file leaves no temporary one."""
    with pytest.raises(OSError, match="directory"):
        objects.put_file(tmp_path)
    assert not list(objects.root.glob("*")) if objects.root.exists() else True
