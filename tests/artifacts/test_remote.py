"""Files of a store, on a folder and in memory; `test_conformance.py` has the real servers."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import (
    DigestMismatch,
    MissingDriver,
    NoSuchStore,
    NotPermitted,
    ObjectMissing,
)
from gittrack.artifacts.remote import Put, Remote
from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = os.urandom(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["file", "memory"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Remote:
    """An empty store."""
    if request.param == "memory":
        found = Remote.open(f"memory://{tmp_path.name}")
        found.delete([one.name for one in found.list()])
        return found
    (tmp_path / "store").mkdir()
    return Remote.open(f"file://{tmp_path}/store")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to send."""
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def test_there_and_back(remote: Remote, source: Path, tmp_path: Path) -> None:
    """What comes back is what was sent."""
    moved: list[int] = []
    assert remote.put_file(source, "a/b/c", sha256=DIGEST, progress=moved.append)
    remote.get_file("a/b/c", tmp_path / "back", progress=moved.append)
    assert (tmp_path / "back").read_bytes() == CONTENT
    assert sum(moved) == 2 * len(CONTENT)


def test_creates_only(remote: Remote, source: Path) -> None:
    """What is there stays."""
    assert remote.put_bytes(b"first", "a/b")
    assert not remote.put_bytes(b"second", "a/b")
    assert not remote.put_file(source, "a/b")
    assert remote.read("a/b") == b"first"


def test_replaces_when_told(remote: Remote, source: Path) -> None:
    """A file can be sent again."""
    remote.put_bytes(b"first", "a/b")
    assert remote.put_file(source, "a/b", sha256=DIGEST, replace=True)
    assert remote.read("a/b") == CONTENT


def test_another_digest(remote: Remote, source: Path) -> None:
    """A file that is not what it should be leaves nothing."""
    with pytest.raises(DigestMismatch):
        remote.put_file(source, "a/b", sha256="0" * 64)
    assert list(remote.list()) == []


def test_broken_off_by_progress(remote: Remote, source: Path) -> None:
    """What the callback raises comes through as it is."""

    class Stop(OSError):
        pass

    def stop(_: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        remote.put_file(source, "a/b", progress=stop)


def test_stat(remote: Remote) -> None:
    """Size and time of a file; nothing for a folder, or where there is none."""
    remote.put_bytes(b"12345", "a/b")
    found = remote.stat("a/b")
    assert found is not None
    assert (found.name, found.size) == ("a/b", 5)
    assert found.modified is not None
    assert remote.stat("a") is None
    assert remote.stat("a/c") is None
    assert remote.stat("a/b/c") is None


def test_list(remote: Remote) -> None:
    """All files below a folder, and none of another that begins like it."""
    for name in ("a/1", "a/b/2", "ab/3"):
        remote.put_bytes(b"x", name)
    assert sorted(one.name for one in remote.list("a")) == ["a/1", "a/b/2"]
    assert sorted(one.name for one in remote.list("a/")) == ["a/1", "a/b/2"]
    assert sorted(one.name for one in remote.list()) == ["a/1", "a/b/2", "ab/3"]
    assert list(remote.list("c")) == []


def test_a_download_goes_on(remote: Remote, tmp_path: Path) -> None:
    """What is there is not loaded again."""
    remote.put_bytes(CONTENT, "a/b")
    target = tmp_path / "part"
    target.write_bytes(CONTENT[:1_000_001])
    moved: list[int] = []
    remote.get_file("a/b", target, progress=moved.append)
    assert target.read_bytes() == CONTENT
    assert sum(moved) == len(CONTENT) - 1_000_001


def test_what_is_complete_stays(remote: Remote, tmp_path: Path) -> None:
    """A file that is there as a whole gets nothing more."""
    remote.put_bytes(b"whole", "a/b")
    (tmp_path / "part").write_bytes(b"whole")
    remote.get_file("a/b", tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == b"whole"


def test_what_is_missing(remote: Remote, tmp_path: Path) -> None:
    """There is one error for it, and no file is left."""
    with pytest.raises(ObjectMissing):
        remote.read("a/b")
    with pytest.raises(ObjectMissing):
        remote.get_file("a/b", tmp_path / "x")


def test_many(remote: Remote, tmp_path: Path) -> None:
    """Files are sent side by side, and said to be new or not."""
    remote.put_bytes(b"x", "m/3")
    for number in range(20):
        (tmp_path / f"{number}").write_bytes(b"%d" % number)
    found = dict(remote.put_many([Put(tmp_path / f"{n}", f"m/{n}") for n in range(20)], jobs=3))
    assert sorted(item.name for item, new in found.items() if not new) == ["m/3"]
    assert len(list(remote.list("m"))) == 20


def test_many_with_a_wrong_one(remote: Remote, source: Path) -> None:
    """A file that is not what it should be ends it."""
    with pytest.raises(DigestMismatch):
        list(remote.put_many([Put(source, "a/b", "0" * 64)]))
    assert remote.stat("a/b") is None


def test_delete(remote: Remote) -> None:
    """What was not there counts as removed."""
    remote.put_bytes(b"x", "a/b")
    remote.delete(["a/b", "a/c"])
    assert remote.stat("a/b") is None


@pytest.mark.parametrize("name", ["", "/a", "a//b", "../a", "a/../b", "a/.", "a\\b", "a\nb"])
def test_names_stay_below_the_url(remote: Remote, name: str) -> None:
    """No name leads elsewhere."""
    with pytest.raises(InvalidValue):
        remote.put_bytes(b"x", name)


def test_a_source_that_is_not_there(remote: Remote, tmp_path: Path) -> None:
    """That is no error of the store."""
    with pytest.raises(FileNotFoundError) as caught:
        remote.put_file(tmp_path / "none", "a/b")
    assert not isinstance(caught.value, ObjectMissing)


def test_one_of_two_creates(remote: Remote) -> None:
    """Of several that create the same at once, one does."""
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(remote.put_bytes(CONTENT, "a/b"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, False, False, True]


def test_closing(tmp_path: Path) -> None:
    """A store can be used as a block, and again."""
    with Remote.open(str(tmp_path)) as remote:
        remote.check()
    remote.check()


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    """A folder that is not there is not made: it may be a share that is not mounted."""
    remote = Remote.open(f"file://{tmp_path}/none")
    with pytest.raises(NoSuchStore):
        remote.check()
    with pytest.raises(NoSuchStore):
        remote.put_bytes(b"x", "a/b")
    with pytest.raises(NoSuchStore):
        list(remote.list())
    assert remote.stat("a/b") is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A store that refuses says so."""
    (tmp_path / "store").mkdir(mode=0o500)
    with pytest.raises(NotPermitted):
        Remote.open(f"file://{tmp_path}/store").put_bytes(b"x", "a/b")


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has none keeps what is there all the same."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    remote = Remote.open(str(tmp_path))
    assert remote.put_bytes(b"first", "a/b")
    assert not remote.put_bytes(b"second", "a/b")
    assert remote.read("a/b") == b"first"


def test_nothing_is_left_of_what_was_written(tmp_path: Path, source: Path) -> None:
    """Temporary files go, whatever happens."""
    remote = Remote.open(str(tmp_path))
    remote.put_file(source, "a/b", sha256=DIGEST)
    with pytest.raises(DigestMismatch):
        remote.put_file(source, "a/c", sha256="0" * 64)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_no_driver() -> None:
    """A protocol that nobody speaks here is named."""
    with pytest.raises(MissingDriver, match="nosuch://"):
        Remote.open("nosuch://a/b")


def test_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint says which extra brings the driver."""
    import sys

    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules, "gittrack.artifacts.drivers.s3", raising=False)
    with pytest.raises(MissingDriver) as caught:
        Remote.open("s3://bucket")
    assert caught.value.hint == "pip install 'gittrack[s3]'"
