"""Many objects to a store and back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import DigestMismatch, NoSuchStore
from gittrack.artifacts.manifest import Member, encode
from gittrack.artifacts.objects import Objects
from gittrack.artifacts.remote import Remote
from gittrack.artifacts.remote_objects import RemoteObjects, name_of
from gittrack.artifacts.transfer import IncompleteDirectory, Progress, download, members_of, upload
from gittrack.core.errors import MalformedFile
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.fixture
def files(objects: Objects) -> list[str]:
    """Objects of several sizes: empty, small, and some that count as big."""
    contents = [b"", *(b"%d" % number for number in range(40)), os.urandom(2_000_000), bytes(17_000_000)]
    return [objects.put_bytes(content).sha256 for content in contents]


@pytest.fixture
def directory(objects: Objects, tmp_path: Path) -> str:
    """The manifest of a directory of two files."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "a").write_bytes(b"first")
    (folder / "b").write_bytes(b"second")
    return objects.put_directory(folder).sha256


def damage(objects: Objects, sha256: str) -> None:
    """Change an object on the disk; its size stays."""
    path = objects.path_of(sha256)
    path.chmod(0o644)
    path.write_bytes(b"!" * path.stat().st_size)


def test_there_and_back(remote: RemoteObjects, objects: Objects, into: Objects, files: list[str]) -> None:
    """All objects arrive in the store, and in another local store."""
    sent = upload(objects, remote, files)
    assert sorted(sent.moved) == sorted(files)
    assert sent.complete
    came = download(remote, into, files)
    assert sorted(came.moved) == sorted(files)
    assert came.size == sent.size == sum(objects.size(sha256) or 0 for sha256 in files)
    assert all(into.verify(sha256) for sha256 in files)


def test_a_second_time_moves_nothing(
    remote: RemoteObjects, objects: Objects, into: Objects, files: list[str]
) -> None:
    """What is there is skipped, both ways."""
    upload(objects, remote, files)
    again = upload(objects, remote, files)
    assert (again.moved, sorted(again.skipped), again.size) == ((), sorted(files), 0)
    download(remote, into, files)
    assert sorted(download(remote, into, files).skipped) == sorted(files)


def test_what_must_not_be_skipped_is_sent_again(remote: RemoteObjects, objects: Objects) -> None:
    """The caller says of which objects it is not enough that they are there."""
    old, new = (objects.put_bytes(content).sha256 for content in (b"old", b"new"))
    upload(objects, remote, [old, new])
    report = upload(objects, remote, [old, new], may_skip=lambda sha256, _: sha256 == new)
    assert (report.moved, report.skipped) == ((old,), (new,))


def test_a_changed_file_of_many_moves_alone(remote: RemoteObjects, objects: Objects, tmp_path: Path) -> None:
    """Of a new version of a directory only the changed file and the manifest are sent."""
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number}").write_bytes(b"%d" % number * 1000)
    first = objects.put_directory(folder)
    upload(objects, remote, [], manifests=[first.sha256])
    (folder / "7").write_bytes(b"changed")
    second = objects.put_directory(folder)
    report = upload(objects, remote, [], manifests=[second.sha256])
    assert len(report.moved) == 2
    assert report.moved[-1] == second.sha256


def test_directories(remote: RemoteObjects, objects: Objects, into: Objects, directory: str) -> None:
    """A manifest brings its files with it, both ways, and comes last in the store."""
    sent = upload(objects, remote, [], manifests=[directory])
    assert len(sent.moved) == 3
    assert sent.moved[-1] == directory
    came = download(remote, into, [], manifests=[directory])
    assert sorted(came.moved) == sorted(sent.moved)
    assert [into.read(member.sha256) for member in members_of(directory, into)] == [b"first", b"second"]


def test_an_incomplete_directory_is_withheld(remote: RemoteObjects, objects: Objects, directory: str) -> None:
    """Without one of its files a manifest is not sent; the other file is."""
    gone, other = (member.sha256 for member in members_of(directory, objects))
    objects.path_of(gone).unlink()
    report = upload(objects, remote, [], manifests=[directory])
    assert report.missing == (gone,)
    assert report.moved == (other,)
    assert isinstance(report.failed[directory], IncompleteDirectory)
    assert remote.stat(directory) is None
    assert not report.complete


def test_a_file_that_is_only_in_the_store_is_not_missing(
    remote: RemoteObjects, objects: Objects, directory: str
) -> None:
    """What another clone has sent need not be here."""
    upload(objects, remote, [], manifests=[directory])
    for member in members_of(directory, objects):
        objects.path_of(member.sha256).unlink()
    report = upload(objects, remote, [], manifests=[directory])
    assert report.complete
    assert len(report.skipped) == 3


def test_missing_objects_are_named(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """What is nowhere is reported, and the rest is moved."""
    here = objects.put_bytes(b"here").sha256
    report = upload(objects, remote, [here, "0" * 64], manifests=["1" * 64])
    assert (report.moved, report.missing) == ((here,), ("0" * 64, "1" * 64))
    report = download(remote, into, [here, "0" * 64], manifests=["1" * 64])
    assert report.moved == (here,)
    assert sorted(report.missing) == ["0" * 64, "1" * 64]


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_damaged_object_stops_no_other(remote: RemoteObjects, objects: Objects, size: int) -> None:
    """An object that lost its digest fails alone."""
    bad, good = objects.put_bytes(b"b" * size).sha256, objects.put_bytes(b"g" * size).sha256
    damage(objects, bad)
    report = upload(objects, remote, [bad, good])
    assert report.moved == (good,)
    assert isinstance(report.failed[bad], DigestMismatch)
    assert remote.stat(bad) is None


def test_a_false_object_stops_no_other(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """An object in the store that is not what its name says fails alone."""
    good = objects.put_bytes(b"good").sha256
    remote.put(objects, good)
    remote.remote.put_bytes(b"evil", name_of("0" * 64))
    report = download(remote, into, [good, "0" * 64])
    assert report.moved == (good,)
    assert isinstance(report.failed["0" * 64], DigestMismatch)


@pytest.mark.parametrize("wrong", ["false", "missing", "larger"])
def test_one_of_many_small_objects(
    remote: RemoteObjects, objects: Objects, into: Objects, wrong: str
) -> None:
    """Of many that come together, one that is false, missing or larger than was said stops no other."""
    contents = [b"%d" % number for number in range(60)]
    good = {objects.put_bytes(content).sha256: len(content) for content in contents}
    upload(objects, remote, good)
    bad = "0" * 64
    if wrong != "missing":
        remote.remote.put_bytes(b"evil" * 100, name_of(bad))
    report = download(remote, into, [bad, *good], sizes={bad: 4 if wrong == "larger" else 400, **good})
    assert sorted(report.moved) == sorted(good)
    assert all(into.verify(sha256) for sha256 in good)
    if wrong == "missing":
        assert report.missing == (bad,)
    else:
        assert isinstance(report.failed[bad], DigestMismatch)


def test_no_manifest_is_no_directory(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """What another clone calls a directory is checked before anything in it is used."""
    bad = objects.put_bytes(encode([Member("../../.bashrc", "0" * 64, 1)])).sha256
    report = upload(objects, remote, [], manifests=[bad])
    assert isinstance(report.failed[bad], MalformedFile)
    remote.put(objects, bad)
    report = download(remote, into, [], manifests=[bad])
    assert isinstance(report.failed[bad], MalformedFile)


def test_a_huge_manifest_is_none(objects: Objects) -> None:
    """A run cannot make another clone read a model into memory as if it listed files."""
    sha256 = objects.put_bytes(b"x").sha256
    objects.path_of(sha256).chmod(0o644)
    os.truncate(objects.path_of(sha256), 1 << 29)
    with pytest.raises(MalformedFile, match="too long"):
        members_of(sha256, objects)


def test_what_is_in_another_local_store_is_not_fetched(
    remote: RemoteObjects, objects: Objects, into: Objects, directory: str
) -> None:
    """Objects of this machine are not loaded into the cache, too."""
    upload(objects, remote, [], manifests=[directory])
    report = download(remote, into, [], manifests=[directory], local=[objects])
    assert len(report.skipped) == 3
    assert not into.root.exists()


def test_progress(remote: RemoteObjects, objects: Objects, into: Objects, files: list[str]) -> None:
    """Progress only grows, and ends with everything."""
    told: list[Progress] = []
    upload(objects, remote, files, progress=told.append)
    size = sum(objects.size(sha256) or 0 for sha256 in files)
    assert told == sorted(told)
    assert told[-1] == (size, size, len(files), len(files))
    sizes = {sha256: objects.size(sha256) or 0 for sha256 in files[1:]}
    told.clear()
    download(remote, into, files, sizes=sizes, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == (size, size, len(files), len(files))


class _Interrupted(KeyboardInterrupt):
    """What ^C raises."""


def test_an_interrupted_upload_leaves_nothing_half(remote: RemoteObjects, objects: Objects) -> None:
    """After ^C every object in the store is whole, and the next upload does the rest."""
    wanted = [objects.put_bytes(os.urandom(2_000_000)).sha256 for _ in range(6)]

    def interrupt(progress: Progress) -> None:
        if progress.done_files == 2:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        upload(objects, remote, wanted, jobs=1, progress=interrupt)
    there = remote.has_many(wanted)
    assert 0 < len(there) < 6
    assert all(remote.verify(sha256) for sha256 in there)
    assert upload(objects, remote, wanted).complete
    assert len(remote.has_many(wanted)) == 6


def test_an_interrupted_download_goes_on(remote: RemoteObjects, objects: Objects, into: Objects) -> None:
    """After ^C no object here is half, and the next download loads only what is missing."""
    sha256 = objects.put_bytes(os.urandom(20_000_000)).sha256
    remote.put(objects, sha256)

    def interrupt(progress: Progress) -> None:
        if progress.done_bytes > 5_000_000:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        download(remote, into, [sha256], progress=interrupt)
    assert not into.has(sha256)
    report = download(remote, into, [sha256])
    assert report.moved == (sha256,)
    assert report.size < 15_000_000
    assert into.verify(sha256)


def test_no_store(tmp_path: Path, objects: Objects, into: Objects) -> None:
    """A store that does not exist fails all objects with one error, and nothing is tried for long."""
    remote = RemoteObjects(Remote.open(f"file://{tmp_path}/nowhere"))
    wanted = [objects.put_bytes(b"%d" % number).sha256 for number in range(20)]
    report = upload(objects, remote, wanted)
    assert report.failed.keys() == set(wanted)
    assert len(set(map(id, report.failed.values()))) == 1
    assert all(isinstance(error, NoSuchStore) for error in report.failed.values())
    assert len(download(remote, into, wanted).missing) == 20
