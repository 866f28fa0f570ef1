from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.kept import collect, users
from gittrack.store.kept.collect import collect_here, collect_store
from gittrack.store.kept.decision import decide
from gittrack.store.kept.places import Kept
from gittrack.store.kept.reachable import ManifestMissing
from gittrack.store.kept.uploads import GRACE, put
from gittrack.store.kept.users import SharedStore
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run, make_repo
from tests.support.kept import age, age_all, damage, folder, in_bucket, made, with_bucket

if TYPE_CHECKING:
    from pathlib import Path


def test_only_what_nobody_names_goes(ada: RunStore, kept: Kept) -> None:
    """Here: files, directories and their files stay, in runs that are committed, live or hidden."""
    made(ada, {"a.bin": b"a"}, {"m": {"x": b"x"}}, inputs={"d": b"d"})
    made(ada, {"b.bin": b"b"}, {"n": {"y": b"y"}}, end=False)
    before = set(kept.objects.all())
    orphan = kept.objects.put_bytes(b"orphan").sha256
    lone, _ = folder(ada, {"z": b"z"})
    age_all(kept)
    result = collect_here(kept, grace=GRACE, dry=False)
    assert set(kept.objects.all()) == before
    assert {orphan, lone} < result.removed.keys()
    assert (len(result.removed), result.named, result.dry) == (3, len(before), False)


def test_dry(kept: Kept) -> None:
    """Nothing is removed, and the answer is the same."""
    orphan = kept.objects.put_bytes(b"orphan").sha256
    age_all(kept)
    result = collect_here(kept, grace=GRACE)
    assert result.to_record() == {
        "removed": {orphan: 6}, "size": 6, "named": 0, "young": 0, "dry_run": True
    }  # fmt: skip
    assert kept.objects.has(orphan)


def test_what_is_young_stays(kept: Kept) -> None:
    """Its run may be about to be committed."""
    kept.objects.put_bytes(b"young")
    result = collect_here(kept, grace=GRACE, dry=False)
    assert (result.removed, result.young) == ({}, 1)


@pytest.mark.parametrize("as_file", [False, True])
def test_what_is_logged_again_is_young(kept: Kept, tmp_path: Path, *, as_file: bool) -> None:
    """A run that logs a content which is here already keeps it."""
    content = b"content" * 10_000
    kept.objects.put_bytes(content)
    age_all(kept)
    if as_file:
        (tmp_path / "file").write_bytes(content)
        kept.objects.put_file(tmp_path / "file")
    else:
        kept.objects.put_bytes(content)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}


def test_what_is_logged_while_it_is_collected(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the decision and the removal: it is put back."""
    sha256 = kept.objects.put_bytes(b"again").sha256
    age_all(kept)
    real = decide

    def decide_and_log(*args: object, **rest: object):  # type: ignore[no-untyped-def]  # noqa: ANN202  passed on
        result = real(*args, **rest)  # type: ignore[arg-type]  # passed on
        kept.objects.put_bytes(b"again")
        return result

    monkeypatch.setattr(collect, "decide", decide_and_log)
    result = collect_here(kept, grace=GRACE, dry=False)
    assert (result.removed, result.young) == ({}, 1)
    assert kept.objects.read(sha256) == b"again"


def test_a_manifest_that_is_nowhere(ada: RunStore, kept: Kept) -> None:
    """Nothing is removed, for it might be a file of that directory; unless it is said to be lost."""
    run = made(ada, folders={"m": {"x": b"x"}})
    kept.objects.path_of(run.artifacts[0].sha256).unlink()
    age_all(kept)
    with pytest.raises(ManifestMissing, match=f"run {run.id}: m") as caught:
        collect_here(kept, grace=GRACE, dry=False)
    assert "--lost" in (caught.value.hint or "")
    assert len(list(kept.objects.all())) == 1
    assert len(collect_here(kept, grace=GRACE, dry=False, lost=True).removed) == 1


def test_a_manifest_that_is_damaged(ada: RunStore, kept: Kept) -> None:
    """Nothing is removed, whatever is said."""
    run = made(ada, folders={"m": {"x": b"x"}})
    damage(kept.objects.path_of(run.artifacts[0].sha256))
    age_all(kept)
    with pytest.raises(ManifestMissing, match="has changed"):
        collect_here(kept, grace=GRACE, dry=False, lost=True)
    assert len(list(kept.objects.all())) == 2


def test_a_manifest_in_the_store(ada: RunStore, bob: RunStore) -> None:
    """Is fetched to know what may not go here."""
    made(ada, folders={"m": {"x": b"x"}})
    push(ada)
    pull(bob)
    kept = Kept(bob)
    sha256 = kept.objects.put_bytes(b"x").sha256
    age_all(kept)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}
    assert kept.objects.has(sha256)


def test_a_directory_of_unknown_kind(ada: RunStore, kept: Kept) -> None:
    """A digest that is not understood and is a manifest keeps its files."""
    manifest, _ = folder(ada, {"x": b"x"})
    text = f'schema: gittrack.run/9\nthings: {{"kind": "directory", "sha256": "{manifest}"}}\n'
    path = ".runs/default/2026-11/24/20261124-000000-aaaaaaaa/run.yaml"
    branch.submit(ada.git, Changes("x", {path: text.encode()}))
    put(kept)
    age_all(kept)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}


def test_a_directory_of_unknown_kind_in_the_store(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """Is looked into there: its head tells a manifest from a file."""
    manifest, _ = folder(ada, {"x": b"x"})
    file = ada.objects.put_bytes(b"no manifest" * 10).sha256
    text = f'schema: gittrack.run/9\nthings: {{"directory": ["{manifest}", "{file}", "{"ab" * 32}"]}}\n'
    path = ".runs/default/2026-11/24/20261124-000000-aaaaaaaa/run.yaml"
    branch.submit(ada.git, Changes("x", {path: text.encode()}))
    kept = Kept(ada)
    for sha256 in list(kept.objects.all()):
        kept.remote.put(kept.objects, sha256)
    push(ada)
    age_all(kept, bucket)
    result = collect_store(Kept(bob), grace=GRACE, dry=False)
    assert (result.removed, result.named) == ({}, 3)


def test_the_shared_store(ada: RunStore, bob: RunStore, kept: Kept, bucket: Path) -> None:
    """What runs of any clone name stays; the runs of others are pulled first."""
    made(ada, {"a.bin": b"a"}, {"m": {"x": b"x"}})
    push(ada)
    made(bob, {"b.bin": b"b"}, {"n": {"y": b"y"}})
    push(bob)
    named = in_bucket(bucket)
    orphan = Kept(ada).objects.put_bytes(b"orphan").sha256
    kept.remote.put(kept.objects, orphan)
    age_all(kept, bucket)
    assert collect_store(kept, grace=GRACE).removed == {orphan: 6}
    assert orphan in in_bucket(bucket)
    result = collect_store(kept, grace=GRACE, dry=False)
    assert result.removed == {orphan: 6}
    assert in_bucket(bucket) == named


def test_an_inbox_counts(ada: RunStore, bob: RunStore, remote: Path, bucket: Path) -> None:
    """A run that waits in an inbox on the remote is pulled, too."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    git_run("update-ref", "refs/gittrack/inbox/ada/runs", "refs/heads/gittrack/runs", cwd=remote)
    git_run("update-ref", "-d", "refs/heads/gittrack/runs", cwd=remote)
    age_all(Kept(ada), bucket)
    assert collect_store(Kept(bob), grace=GRACE, dry=False).removed == {}
    assert len(in_bucket(bucket)) == 1


def test_what_was_sent_for_a_run_to_come(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """An upload in flight is young, and stays."""
    made(ada, {"a.bin": b"a"})
    put(Kept(ada))
    result = collect_store(Kept(bob), grace=GRACE, dry=False)
    assert (result.removed, result.young) == ({}, 1)
    assert len(in_bucket(bucket)) == 1


def test_what_is_sent_again_meanwhile(
    ada: RunStore, bob: RunStore, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that somebody renews after the listing stays."""
    run = made(ada, {"a.bin": b"a"})
    kept = Kept(ada)
    put(kept)
    age_all(kept, bucket)
    real = collect._stale

    def stale_and_renew(*args: object) -> dict[str, int]:
        kept.remote.put(kept.objects, run.artifacts[0].sha256, renew=True)
        return real(*args)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(collect, "_stale", stale_and_renew)
    result = collect_store(Kept(bob), grace=GRACE, dry=False)
    assert (result.removed, result.young) == ({}, 1)
    assert len(in_bucket(bucket)) == 1


def test_broken_uploads(kept: Kept, bucket: Path) -> None:
    """Old temporary files go, young ones stay."""
    (bucket / "tmp").mkdir()
    (bucket / "tmp" / "old").write_bytes(b"123")
    (bucket / "tmp" / "new").write_bytes(b"1")
    age(bucket / "tmp" / "old")
    assert collect_store(kept, grace=GRACE, dry=False).removed == {"tmp/old": 3}
    assert [path.name for path in (bucket / "tmp").iterdir()] == ["new"]


def test_other_files_in_the_store(kept: Kept, bucket: Path) -> None:
    """Are not ours."""
    (bucket / "sha256").mkdir()
    (bucket / "sha256" / "README").write_text("x")
    age(bucket / "sha256" / "README")
    assert collect_store(kept, grace=GRACE, dry=False).removed == {}


def test_a_clock_that_is_wrong(kept: Kept, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is young for the store is young, whatever time it is here."""
    orphan = kept.objects.put_bytes(b"orphan").sha256
    kept.remote.put(kept.objects, orphan)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 100 * 86400)
    assert collect_store(kept, grace=GRACE, dry=False).removed == {}
    assert list((bucket / "tmp").iterdir()) == []


def test_a_store_of_two_repositories(ada: RunStore, tmp_path: Path, kept: Kept, bucket: Path) -> None:
    """Nobody collects what another repository may name."""
    made(ada, {"a.bin": b"a"})
    push(ada)
    source = make_repo(tmp_path / "elsewhere")
    hub = make_repo(tmp_path / "hub.git", "--bare", commit=False)
    git_run("remote", "add", "origin", str(hub), cwd=source)
    other = with_bucket(RunStore.open(source, start=source), bucket)
    made(other, {"b.bin": b"b"})
    push(other)
    age_all(kept, bucket)
    for one in (Kept(ada), Kept(other)):
        with pytest.raises(SharedStore, match="also keeps the artifacts of"):
            collect_store(one, grace=GRACE)
    assert len(collect_store(Kept(ada), grace=GRACE, sole=True).removed) == 1


def test_a_repository_without_remote(tmp_path: Path, bucket: Path) -> None:
    """Has a store for itself."""
    path = make_repo(tmp_path / "alone")
    alone = with_bucket(RunStore.open(path, start=path), bucket)
    made(alone, {"a.bin": b"a"})
    put(Kept(alone))
    age_all(Kept(alone), bucket)
    result = collect_store(Kept(alone), grace=GRACE, dry=False)
    assert (result.removed, result.named) == ({}, 1)


def test_a_remote_that_cannot_be_reached(ada: RunStore, remote: Path, kept: Kept, bucket: Path) -> None:
    """Nothing is collected without the runs of others."""
    made(ada, {"a.bin": b"a"})
    put(kept)
    age_all(kept, bucket)
    remote.rename(remote.with_name("away"))
    with pytest.raises(RemoteError):
        collect_store(kept, grace=0, dry=False)
    assert len(in_bucket(bucket)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://Git.example.org/a/b.git",
        "https://me:secret@git.example.org/a/b",
        "ssh://git@git.example.org/a/b.git/",
        "git@git.example.org:a/b.git",
        "git.example.org:a/b",
    ],
)
def test_one_repository_by_many_names(url: str) -> None:
    """What the forms of a URL have in common."""
    assert users._plain(url) == "git.example.org/a/b"


def test_local_repositories() -> None:
    """Are told by their path."""
    assert users._plain("file:///srv/x/../a.git") == users._plain("/srv/a.git") == "/srv/a"


def test_an_object_that_goes_meanwhile(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another collector was faster."""
    sha256 = kept.objects.put_bytes(b"x").sha256
    age_all(kept)
    assert collect._facts(kept, "ab" * 32) == (0, None)
    real = decide

    def decide_and_lose(*args: object, **rest: object):  # type: ignore[no-untyped-def]  # noqa: ANN202  passed on
        kept.objects.path_of(sha256).unlink()
        return real(*args, **rest)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(collect, "decide", decide_and_lose)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}
