"""The local artifact store."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts import content
from gittrack.artifacts.content import Identity, Stored
from gittrack.artifacts.manifest import decode
from gittrack.artifacts.objects import FileChanged, ObjectDamaged, Objects
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


def files(objects: Objects) -> list[str]:
    """Names of everything in the folder of a store but what it remembers."""
    return [path.name for path in objects.root.rglob("*") if path.is_file() and path.parent.name != "seen"]


def test_the_size_is_known(objects: Objects) -> None:
    """An object has a size, a missing one has none."""
    assert objects.size(objects.put_bytes(b"four").sha256) == 4
    assert objects.size("0" * 64) is None


def test_all_objects_are_listed(objects: Objects) -> None:
    """Objects are listed, and nothing else that is in the folder."""
    assert list(objects.all()) == []
    stored = objects.put_bytes(b"x")
    (objects.root / f"{'0' * 64}.part").write_bytes(b"")
    assert list(objects.all()) == [stored.sha256]


def test_a_cut_object_is_written_again(objects: Objects, tmp_path: Path) -> None:
    """An object that a power cut left short does not count as there."""
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    stored = objects.put_file(tmp_path / "big")
    os.truncate(_writable(objects.path_of(stored.sha256)), 10)
    assert objects.put_file(tmp_path / "big") == stored
    assert objects.verify(stored.sha256)


def _writable(path: Path) -> Path:
    path.chmod(0o644)
    return path


def test_the_object_outlives_changes_of_the_file(objects: Objects, tmp_path: Path) -> None:
    """A program that goes on writing to its file does not change what was kept."""
    path = tmp_path / "model"
    path.write_bytes(b"x" * 3_000_000)
    stored = objects.put_file(path)
    with path.open("r+b") as file:
        file.write(b"changed")
    assert objects.verify(stored.sha256)


def test_progress_adds_up(objects: Objects, tmp_path: Path) -> None:
    """The callback is told every byte, of small files and big ones."""
    for size in (5, 3_000_000):
        (tmp_path / "file").write_bytes(b"x" * size)
        told: list[int] = []
        stored = objects.put_file(tmp_path / "file", moved=told.append)
        assert sum(told) == size
        objects.verify(stored.sha256, moved=told.append)
        objects.copy_to(stored.sha256, tmp_path / "out", moved=told.append)
        assert sum(told) == 3 * size


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_file_that_is_written_meanwhile(objects: Objects, tmp_path: Path, size: int) -> None:
    """A file that changes each time it is read is refused, and nothing of it stays."""
    path = tmp_path / "log"
    path.write_bytes(b"x" * size)

    def write(_: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")
        os.utime(path, ns=(time.time_ns(), time.time_ns()))

    with pytest.raises(FileChanged, match="is being written"):
        objects.put_file(path, moved=write)
    assert files(objects) == []


def test_a_file_that_settles_is_kept(objects: Objects, tmp_path: Path) -> None:
    """A file that was written during the first read is read again."""
    path = tmp_path / "log"
    path.write_bytes(b"x" * 3_000_000)
    once = iter([True])

    def write(_: int) -> None:
        if next(once, False):
            with path.open("ab") as file:
                file.write(b"more")

    assert objects.put_file(path, moved=write).size == 3_000_004
    assert len(files(objects)) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_read_to_its_end(objects: Objects, tmp_path: Path) -> None:
    """What a shell puts in place of a file can be kept, too."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"x" * 100_000,))
    writer.start()
    assert objects.put_file(tmp_path / "pipe").size == 100_000
    writer.join()


def test_a_missing_file_is_named(objects: Objects, tmp_path: Path) -> None:
    """Which file it was is in the error."""
    with pytest.raises(FileNotFoundError, match="gone"):
        objects.put_file(tmp_path / "gone")


def test_threads_put_the_same(objects: Objects, tmp_path: Path) -> None:
    """Many threads with one content make one object."""
    (tmp_path / "big").write_bytes(os.urandom(3_000_000))
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(objects.put_file, [tmp_path / "big"] * 16))
    assert len(stored) == 1
    assert len(files(objects)) == 1
    assert objects.verify(stored.pop().sha256)


def test_processes_put_the_same(objects: Objects, tmp_path: Path) -> None:
    """Many processes with one content make one object."""
    (tmp_path / "big").write_bytes(os.urandom(3_000_000))
    code = (
        "import sys; from pathlib import Path; from gittrack.artifacts.objects import Objects\n"
        "print(Objects(Path(sys.argv[1])).put_file(Path(sys.argv[2])).sha256)"
    )
    words = [sys.executable, "-c", code, str(objects.root), str(tmp_path / "big")]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    digests = {process.communicate()[0].strip() for process in running}
    assert digests == {hashlib.sha256((tmp_path / "big").read_bytes()).hexdigest()}
    assert len(files(objects)) == 1


def test_leftovers_of_the_dead_go(tmp_path: Path) -> None:
    """A store that is written again removes old temporary files, and leaves fresh ones alone."""
    root = tmp_path / "objects"
    root.mkdir()
    ages = {".old.tmp": 2, ".new.tmp": 0, f"{'a' * 64}.part": 8, f"{'b' * 64}.part": 6}
    for name, days in ages.items():
        (root / name).write_bytes(b"")
        os.utime(root / name, (time.time() - 86400 * days,) * 2)
    objects = Objects(root)
    stored = objects.put_bytes(b"x")
    assert sorted(files(objects)) == sorted([stored.sha256, ".new.tmp", f"{'b' * 64}.part"])


def test_a_damaged_object_is_not_given_out(objects: Objects, tmp_path: Path) -> None:
    """A copy is verified; what does not match leaves the user's file as it was."""
    sha256 = objects.put_bytes(b"good").sha256
    _writable(objects.path_of(sha256)).write_bytes(b"evil")
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(ObjectDamaged, match="has changed"):
        objects.copy_to(sha256, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["objects", "out"]
    assert (tmp_path / "out").read_bytes() == b"mine"


def test_adoption(objects: Objects) -> None:
    """A file that was loaded beside the objects becomes one."""
    objects.root.mkdir()
    sha256 = hashlib.sha256(b"came").hexdigest()
    part = objects.part_of(sha256)
    part.write_bytes(b"came")
    objects.adopt(part, Stored(sha256, 4))
    assert objects.verify(sha256)
    assert not part.exists()


class TestReadAgain:
    """A big file that did not change is not read again."""

    @pytest.fixture
    def big(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A file of 9 MB whose times count at once."""
        monkeypatch.setattr(content, "_SETTLED", -(10**9))
        path = tmp_path / "big"
        path.write_bytes(b"x" * 9_000_000)
        with path.open("rb") as file:
            if not Identity.of(file).settled():
                pytest.skip("this file system's times are not trusted")
        return path

    def test_unchanged(self, objects: Objects, big: Path) -> None:
        """The second time costs no read: with the file's bytes changed behind its times it would show."""
        stored = objects.put_file(big)
        told: list[int] = []
        assert objects.put_file(big, moved=told.append) == stored
        assert told == [9_000_000]

    def test_changed(self, objects: Objects, big: Path) -> None:
        """A write that keeps size and modification time is seen by the change time."""
        stored, status = objects.put_file(big), big.stat()
        with big.open("r+b") as file:
            file.write(b"y")
        os.utime(big, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert objects.put_file(big) != stored

    def test_gone_from_the_store(self, objects: Objects, big: Path) -> None:
        """An object that was removed is stored again."""
        stored = objects.put_file(big)
        objects.path_of(stored.sha256).unlink()
        assert objects.put_file(big) == stored
        assert objects.verify(stored.sha256)

    def test_a_false_memory(self, objects: Objects, big: Path) -> None:
        """An entry that is no digest is no path either."""
        stored = objects.put_file(big)
        [entry] = (objects.root / "seen").iterdir()
        entry.write_bytes(entry.read_bytes().replace(stored.sha256.encode(), b"../" * 21 + b"x"))
        assert objects.put_file(big) == stored
