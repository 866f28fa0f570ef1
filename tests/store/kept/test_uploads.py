from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import StoreError
from gittrack.core.errors import RemoteError
from gittrack.store.commit import branch
from gittrack.store.kept import tips, uploads
from gittrack.store.kept.places import Kept, NoStore
from gittrack.store.kept.uploads import UploadFailed, put
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.kept import LONG_AGO, age_all, damage, folder, in_bucket, made
from tests.support.remotes import clone, make_remote, record, remote_runs, where

if TYPE_CHECKING:
    from pathlib import Path


def test_push_sends_what_a_run_names(ada: RunStore, bucket: Path) -> None:
    """Files, directories with their files, and kept inputs."""
    run = made(ada, {"a.bin": b"a"}, {"m": {"x": b"x", "y": b"y"}}, inputs={"data": b"d"})
    outcome = push(ada)
    assert in_bucket(bucket) == set(ada.objects.all())
    assert len(in_bucket(bucket)) == 5
    assert outcome.sent == {run.id: "new"}
    assert (outcome.artifacts.sent, outcome.artifacts.url) == (5, bucket.as_uri())
    assert outcome.artifacts.stayed == 0


def test_the_second_push_asks_nothing(ada: RunStore, bucket: Path) -> None:
    """What was sent is known from the tip: the store may be gone."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    shutil.rmtree(bucket)
    outcome = push(ada)
    assert outcome.artifacts.sent == outcome.artifacts.present == 0
    assert outcome.up_to_date


def test_only_what_is_new_is_looked_at(ada: RunStore, bucket: Path) -> None:
    """The next push asks for the next run's artifacts."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    made(ada, {"b.bin": b"b", "same.bin": b"a"})
    outcome = push(ada)
    assert (outcome.artifacts.sent, outcome.artifacts.present) == (1, 1)
    assert len(in_bucket(bucket)) == 2


def test_a_store_that_is_configured_later(ada: RunStore, bucket: Path) -> None:
    """The first push to it considers runs that were published long ago."""
    run = made(ada, {"a.bin": b"a"})
    assert push(ada, artifacts=False).artifacts.stayed == 1
    assert in_bucket(bucket) == set()
    outcome = push(ada)
    assert in_bucket(bucket) == {run.artifacts[0].sha256}
    assert not outcome.up_to_date


def test_no_store(ada: RunStore) -> None:
    """Push says what stays on this machine; what is on the branch does not count."""
    git_run("config", "--unset", "gittrack.artifacts.url", cwd=where(ada))
    store = RunStore.open(where(ada), start=where(ada))
    made(store, {"a.bin": b"aaa", "a.txt": b"text"}, {"m": {"x": b"xx"}})
    shipped = push(store).artifacts
    assert (shipped.url, shipped.sent, shipped.stayed, shipped.stayed_size) == (None, 0, 2, 5)
    assert push(store).artifacts.stayed == 0
    with pytest.raises(NoStore) as caught:
        put(Kept(store))
    assert "artifacts.url" in (caught.value.hint or "")


def test_a_store_that_fails_keeps_the_runs_here(ada: RunStore, bucket: Path, remote: Path) -> None:
    """Nothing is published, and the next push does it all."""
    bucket.rmdir()
    run = made(ada, {"a.bin": b"a"})
    with pytest.raises((StoreError, UploadFailed)) as caught:
        push(ada)
    assert bucket.as_uri() in caught.value.message
    assert remote_runs(remote) == set()
    bucket.mkdir()
    assert push(ada).sent == {run.id: "new"}
    assert in_bucket(bucket) == {run.artifacts[0].sha256}


def test_a_damaged_object_keeps_the_runs_here(ada: RunStore, remote: Path) -> None:
    """The artifact is named, and the way out."""
    run = made(ada, {"a.bin": b"a" * 100})
    damage(ada.objects.path_of(run.artifacts[0].sha256))
    with pytest.raises(UploadFailed, match=f"run {run.id}: a.bin cannot be sent") as caught:
        push(ada)
    assert "--no-artifacts" in (caught.value.hint or "")
    assert remote_runs(remote) == set()
    assert push(ada, artifacts=False).sent == {run.id: "new"}


def test_a_directory_that_is_not_whole(ada: RunStore, remote: Path) -> None:
    """Its run stays here."""
    run = made(ada, folders={"m": {"x": b"x"}})
    kept = Kept(ada)
    members = kept.manifest(run.artifacts[0].sha256)
    assert members is not None
    ada.objects.path_of(members[0].sha256).unlink()
    with pytest.raises(UploadFailed, match="1 of 1 files"):
        push(ada)
    assert remote_runs(remote) == set()


def test_runs_of_others_are_not_ours_to_send(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """A clone that has the runs and not their artifacts pushes its own."""
    made(ada, {"a.bin": b"a"})
    push(ada, artifacts=False)
    mine = made(bob, {"b.bin": b"b"})
    assert push(bob).artifacts.sent == 1
    assert in_bucket(bucket) == {mine.artifacts[0].sha256}


def test_no_remote_no_upload(ada: RunStore, bucket: Path) -> None:
    """A remote that does not exist is found out before anything is sent."""
    made(ada, {"a.bin": b"a"})
    with pytest.raises(RemoteError):
        push(ada, "nobody")
    assert in_bucket(bucket) == set()


def test_an_unpublished_upload_is_looked_at_again(ada: RunStore, bucket: Path, remote: Path) -> None:
    """The tip moves when the runs are published, not when the artifacts are sent."""
    run = made(ada, {"a.bin": b"a"})
    moved = remote.rename(remote.with_name("away"))
    with pytest.raises(RemoteError):
        push(ada)
    assert in_bucket(bucket) == {run.artifacts[0].sha256}
    moved.rename(remote)
    outcome = push(ada)
    assert (outcome.artifacts.sent, outcome.artifacts.present) == (0, 1)


def object_in(bucket: Path, sha256: str) -> Path:
    """The file of an object."""
    return bucket / "sha256" / sha256[:2] / sha256


def test_an_old_object_that_nobody_names_is_sent_again(ada: RunStore, bucket: Path) -> None:
    """Another clone's collector may be about to remove it."""
    run = made(ada, {"a.bin": b"a"})
    path = object_in(bucket, run.artifacts[0].sha256)
    put(Kept(ada))
    age_all(Kept(ada), bucket)
    assert push(ada).artifacts.sent == 1
    assert path.stat().st_mtime > LONG_AGO + 1


def test_an_old_object_that_is_named_is_not(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """Nobody removes it: a published run names it, or a directory of one."""
    made(ada, {"a.bin": b"a"}, {"m": {"x": b"x"}})
    push(ada)
    pull(bob, artifacts=True)
    age_all(Kept(bob), bucket)
    made(bob, {"b.bin": b"a", "x.bin": b"x", "new.bin": b"n"})
    outcome = push(bob)
    assert (outcome.artifacts.sent, outcome.artifacts.present) == (1, 5 - 2)


def test_a_run_that_ends_during_the_upload(ada: RunStore, bucket: Path, remote: Path) -> None:
    """What is committed while artifacts are sent is sent as well before it is published."""
    made(ada, {"a.bin": b"a"})
    late: list[str] = []

    def commit_one(_: object) -> None:
        if not late:
            late.append(made(ada, {"late.bin": b"late"}).artifacts[0].sha256)

    push(ada, transfer=commit_one)
    assert len(remote_runs(remote)) == 2
    assert late[0] in in_bucket(bucket)


def test_another_remote(ada: RunStore, bucket: Path, tmp_path: Path) -> None:
    """A second repository that the runs go to is known to the store, too."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    other = make_remote(tmp_path / "other.git")
    assert push(ada, other.as_uri()).artifacts.present == 1
    assert sorted(path.read_text() for path in (bucket / "users").iterdir()) == sorted(
        str(path).removesuffix(".git") for path in (tmp_path / "remote.git", other)
    )


def test_put_sends_all_again(ada: RunStore, bucket: Path) -> None:
    """A store that lost something is filled from here, whatever was sent before."""
    run = made(ada, {"a.bin": b"a", "b.bin": b"b"})
    other = made(ada, {"c.bin": b"c"})
    push(ada)
    shutil.rmtree(bucket / "sha256")
    assert put(Kept(ada), [run.id]).sent == 2
    assert put(Kept(ada)).sent == 1
    assert other.artifacts[0].sha256 in in_bucket(bucket)


def test_put_sends_what_was_downloaded(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """The cache counts as here: a way to move to another store."""
    run = made(ada, folders={"m": {"x": b"x"}})
    push(ada)
    pull(bob)
    from gittrack.store.kept.choosing import chosen
    from gittrack.store.kept.fetching import bring

    kept = Kept(bob)
    bring(kept, run, chosen(kept, run))
    shutil.rmtree(bucket / "sha256")
    assert put(kept).sent == 2


def test_put_without_runs(ada: RunStore) -> None:
    """There is nothing to send."""
    assert put(Kept(ada)).sent == 0


def test_put_that_fails(ada: RunStore) -> None:
    """Says which artifact."""
    run = made(ada, {"a.bin": b"a", "b.bin": b"b"})
    for one in run.artifacts:
        damage(ada.objects.path_of(one.sha256))
    with pytest.raises(UploadFailed, match="and 1 more"):
        put(Kept(ada))


def test_progress(ada: RunStore) -> None:
    """A transfer is told."""
    made(ada, {"a.bin": b"a" * 1000})
    seen: list[tuple[int, ...]] = []
    push(ada, transfer=lambda told: seen.append(tuple(told)))
    assert seen[-1] == (1000, 1000, 1, 1)


@pytest.mark.parametrize("content", [b"", b"[]", b"nonsense", b'{"tip":3,"noted":true}'])
def test_a_tip_file_that_cannot_be_read(ada: RunStore, content: bytes) -> None:
    """Is as good as none."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    (path,) = (ada.git.directory / "stores").iterdir()
    path.write_bytes(content)
    outcome = push(ada)
    assert (outcome.artifacts.sent, outcome.artifacts.present) == (0, 1)


def test_the_tip_is_that_of_the_branch(ada: RunStore, bucket: Path, remote: Path) -> None:
    """A store without anything to send is known as well."""
    record(ada)
    push(ada)
    assert tips.read(ada.git, bucket.as_uri(), remote.as_uri()) == tips.Known(
        branch.tip(ada.git), noted=False
    )


def test_a_fresh_clone_looks_once(ada: RunStore, remote: Path, tmp_path: Path, bucket: Path) -> None:
    """A clone that has none of the artifacts sends nothing."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    carol = clone(remote, tmp_path / "carol")
    git_run("config", "gittrack.artifacts.url", bucket.as_uri(), cwd=where(carol))
    carol = RunStore.open(where(carol), start=where(carol))
    assert push(carol).artifacts.sent == 0


def test_a_folder_of_nothing(ada: RunStore, bucket: Path) -> None:
    """An empty directory is a manifest alone."""
    assert folder(ada, {})[1] == 0
    made(ada, folders={"m": {}})
    push(ada)
    assert len(in_bucket(bucket)) == 1


assert uploads.RENEW < uploads.GRACE
