"""Objects in a store."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import DigestMismatch, ObjectMissing, Unreachable
from gittrack.artifacts.objects import Objects
from gittrack.artifacts.remote import Remote
from gittrack.artifacts.remote_objects import RemoteObjects, name_of
from gittrack.core.errors import InvalidValue
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from pathlib import Path

CUT = Unreachable("the connection broke")
BIG = os.urandom(5_000_000)


@pytest.fixture(params=["file", "memory"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> RemoteObjects:
    """An empty store: of folders, and flat."""
    (tmp_path / "share").mkdir()
    url = f"file://{tmp_path}/share" if request.param == "file" else f"memory://{random_text(8)}"
    return RemoteObjects(Remote.open(url))


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An empty local store."""
    return Objects(tmp_path / "objects")


@pytest.fixture
def into(tmp_path: Path) -> Objects:
    """An empty local store to load into."""
    return Objects(tmp_path / "cache")


def test_names() -> None:
    """An object is below its first two digits; what is no digest is no name."""
    assert name_of("ab" + "0" * 62) == "sha256/ab/ab" + "0" * 62
    with pytest.raises(InvalidValue, match="not a SHA-256"):
        name_of("../x")


@pytest.mark.parametrize("content", [b"", b"small", BIG])
def test_there_and_back(remote: RemoteObjects, objects: Objects, into: Objects, content: bytes) -> None:
    """What was sent comes back, whatever its size, and every byte is told."""
    sha256 = objects.put_bytes(content).sha256
    sent: list[int] = []
    came: list[int] = []
    assert remote.put(objects, sha256, moved=sent.append)
    assert remote.fetch(sha256, into, moved=came.append)
    assert into.read(sha256) == content
    assert sum(sent) == sum(came) == len(content)


def test_sending_again_is_not_needed(remote: RemoteObjects, objects: Objects) -> None:
    """An object that is there stays as it is."""
    sha256 = objects.put_bytes(b"x").sha256
    assert remote.put(objects, sha256)
    assert not remote.put(objects, sha256)


def test_fetching_again_is_not_needed(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """An object that is here stays as it is."""
    sha256 = objects.put_bytes(b"x").sha256
    remote.put(objects, sha256)
    assert remote.fetch(sha256, into)
    assert not remote.fetch(sha256, into)


def test_a_damaged_object_is_not_sent(remote: RemoteObjects, objects: Objects) -> None:
    """What no longer has its digest never gets its name in the store."""
    sha256 = objects.put_bytes(b"good").sha256
    objects.path_of(sha256).chmod(0o644)
    objects.path_of(sha256).write_bytes(b"evil")
    with pytest.raises(DigestMismatch):
        remote.put(objects, sha256)
    assert remote.stat(sha256) is None


@pytest.mark.parametrize("content", [b"good", BIG])
def test_a_false_object_is_not_taken(remote: RemoteObjects, into: Objects, content: bytes) -> None:
    """What a store gives under a digest must have it; nothing of it stays here."""
    sha256 = hashlib.sha256(content).hexdigest()
    remote.remote.put_bytes(content[:-1] + b"!", name_of(sha256))
    with pytest.raises(DigestMismatch, match="does not match its digest"):
        remote.fetch(sha256, into)
    with pytest.raises(DigestMismatch):
        remote.read(sha256)
    assert not remote.verify(sha256)
    assert list(into.root.iterdir()) == []


def test_a_missing_object_is_said(remote: RemoteObjects, into: Objects) -> None:
    """An object that is nowhere is missing, and leaves nothing here."""
    with pytest.raises(ObjectMissing):
        remote.fetch("0" * 64, into)
    with pytest.raises(ObjectMissing):
        remote.read("0" * 64)
    assert not remote.verify("0" * 64)
    assert list(into.root.iterdir()) == []


def test_read_and_verify(remote: RemoteObjects, objects: Objects) -> None:
    """A content is read as a whole, and verified by reading it all."""
    sha256 = objects.put_bytes(b"content").sha256
    remote.put(objects, sha256)
    told: list[int] = []
    assert remote.read(sha256) == b"content"
    assert remote.verify(sha256, moved=told.append)
    assert sum(told) == 7


def test_a_broken_download_goes_on(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """What came before the connection broke does not come again."""
    sha256 = objects.put_bytes(BIG).sha256
    remote.put(objects, sha256)

    def cut(_: int) -> None:
        raise CUT

    with pytest.raises(Unreachable):
        remote.fetch(sha256, into, moved=cut)
    left = into.part_of(sha256).stat().st_size
    assert left > 0
    assert not into.has(sha256)
    came: list[int] = []
    assert remote.fetch(sha256, into, moved=came.append)
    assert sum(came) == len(BIG) - left
    assert into.verify(sha256)
    assert not into.part_of(sha256).exists()


@pytest.mark.parametrize("left", [BIG, BIG + b"more", b"other", b"x" * len(BIG)])
def test_what_is_left_from_before(
    remote: RemoteObjects, objects: Objects, into: Objects, left: bytes
) -> None:
    """A part that is whole, too long or wrong ends in the right object all the same."""
    sha256 = objects.put_bytes(BIG).sha256
    remote.put(objects, sha256)
    into.root.mkdir()
    into.part_of(sha256).write_bytes(left)
    assert remote.fetch(sha256, into)
    assert into.verify(sha256)


def test_a_part_of_what_is_gone(remote: RemoteObjects, into: Objects) -> None:
    """An object that was removed from the store meanwhile is missing."""
    into.root.mkdir()
    into.part_of("0" * 64).write_bytes(b"part")
    with pytest.raises(ObjectMissing, match="no object"):
        remote.fetch("0" * 64, into)


def test_two_want_the_same(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """Of several threads one loads the object, the others wait for it."""
    sha256 = objects.put_bytes(BIG).sha256
    remote.put(objects, sha256)
    said: list[bool] = []
    threads = [
        threading.Thread(target=lambda: said.append(remote.fetch(sha256, Objects(into.root))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, False, False, True]
    assert into.verify(sha256)


@pytest.mark.parametrize("many", [3, 40])
def test_which_are_there(remote: RemoteObjects, objects: Objects, many: int) -> None:
    """A few and many objects are found, with their sizes, and the others are not."""
    here = [objects.put_bytes(b"%d" % number).sha256 for number in range(many)]
    assert len(list(remote.put_many(objects, here))) == many
    absent = [hashlib.sha256(b"absent %d" % number).hexdigest() for number in range(many)]
    found = remote.has_many([*here, *absent])
    assert found.keys() == set(here)
    assert {entry.size for entry in found.values()} == {len(str(number)) for number in range(many)}


def test_a_long_listing_is_given_up(objects: Objects) -> None:
    """In a store with much else, objects are found all the same."""
    remote = RemoteObjects(Remote.open(f"memory://{random_text(8)}"))
    others = (hashlib.sha256(b"%d" % number).hexdigest() for number in range(4000))
    for sha256 in others:
        remote.remote.put_bytes(b"", name_of(sha256))
    wanted = [objects.put_bytes(b"wanted %d" % number).sha256 for number in range(35)]
    list(remote.put_many(objects, wanted))
    assert remote.has_many(wanted).keys() == set(wanted)


def test_listing_passes_over_what_is_no_object(remote: RemoteObjects, objects: Objects) -> None:
    """Other files in the store, and objects in the wrong place, are not ours."""
    assert list(remote.list()) == []
    sha256 = objects.put_bytes(b"x").sha256
    remote.put(objects, sha256)
    remote.remote.put_bytes(b"", "sha256/readme.txt")
    remote.remote.put_bytes(b"", f"sha256/00/{'f' * 64}")
    assert [found for found, _ in remote.list()] == [sha256]
    assert [found for found, _ in remote.list(sha256[:2])] == [sha256]


def test_deleting(remote: RemoteObjects, objects: Objects) -> None:
    """Objects go, and those that are not there are no matter."""
    sha256 = objects.put_bytes(b"x").sha256
    remote.put(objects, sha256)
    remote.delete([sha256, "0" * 64])
    assert remote.stat(sha256) is None
