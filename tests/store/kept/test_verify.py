from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import SCHEMA
from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact, Run
from gittrack.store.kept.places import Kept
from gittrack.store.kept.verify import verify
from gittrack.store.sync.share import pull, push
from tests.support.kept import damage, made

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def faults(kept: Kept, *run_ids: str, store: bool = False) -> set[tuple[str, str]]:
    """Path and state of what is wrong."""
    return {(one.path, one.state) for one in verify(kept, run_ids, store=store).faults}


def test_all_well(ada: RunStore, kept: Kept, bucket: Path) -> None:
    """Here and in the store; files of directories count."""
    made(ada, {"a.bin": b"aaa"}, {"m": {"x": b"xx"}})
    push(ada)
    here = verify(kept)
    assert (here.place, here.ok, here.away, here.faults) == ("here", 3, 0, ())
    assert here.size > 5
    there = verify(kept, store=True)
    assert (there.place, there.ok, there.faults) == (bucket.as_uri(), 3, ())


def test_changed(ada: RunStore, kept: Kept, bucket: Path) -> None:
    """What no longer has its digest is named."""
    run = made(ada, {"a.bin": b"aaa", "b.bin": b"b"}, {"m": {"x": b"xx"}})
    push(ada)
    sha256 = run.artifacts[0].sha256
    damage(bucket / "sha256" / sha256[:2] / sha256)
    assert faults(kept) == set()
    assert faults(kept, store=True) == {("a.bin", "changed")}
    members = kept.manifest(run.artifacts[2].sha256)
    assert members is not None
    damage(kept.objects.path_of(members[0].sha256))
    damage(kept.objects.path_of(sha256))
    assert faults(kept) == {("m/x", "changed"), ("a.bin", "changed")}


def test_missing(ada: RunStore, bob: RunStore, bucket: Path) -> None:
    """In the store everything must be there; here, what is asked for."""
    run = made(ada, {"a.bin": b"aaa", "s.txt": b"small"}, {"m": {"x": b"xx"}})
    push(ada)
    pull(bob)
    kept = Kept(bob)
    result = verify(kept)
    assert (result.ok, result.away, result.faults) == (0, 3, ())
    assert faults(kept, run.id) == {("a.bin", "missing"), ("m", "missing")}  # `s.txt` is on the branch
    sha256 = run.artifacts[0].sha256
    (bucket / "sha256" / sha256[:2] / sha256).unlink()
    assert faults(kept, store=True) == {("a.bin", "missing")}


def test_a_manifest_that_is_none(ada: RunStore, kept: Kept) -> None:
    """A run that names something else as a directory is wrong."""
    run_id = ada.new_id()
    journal = ada.create(Run(run_id, start_time=1))
    stored = ada.objects.put_bytes(f'{{"schema":"{SCHEMA}9"}}\n'.encode())
    journal.event(ArtifactLogged(Artifact("m", stored.sha256, 0, "directory")))
    journal.event(Ended("finished", 2))
    journal.close()
    ada.finish(run_id)
    assert faults(kept) == {("m", "changed")}


def test_nothing_to_check(kept: Kept) -> None:
    """A repository without runs is well."""
    assert verify(kept).to_record() == {"place": "here", "ok": 0, "size": 0, "away": 0, "faults": []}


def test_records_and_progress(ada: RunStore, kept: Kept) -> None:
    """Faults are printed with their runs; progress is told."""
    run = made(ada, {"a.bin": b"aaa"})
    damage(kept.objects.path_of(run.artifacts[0].sha256))
    seen: list[tuple[int, ...]] = []
    result = verify(kept, progress=lambda told: seen.append(tuple(told)))
    assert result.to_record()["faults"] == [
        {"sha256": run.artifacts[0].sha256, "state": "changed", "run_id": run.id, "path": "a.bin"}
    ]
    assert seen[-1] == (3, 3, 1, 1)
