"""A run that another clone can see has its artifacts in the store, whatever happens to whom."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gittrack.store.kept import uploads
from gittrack.store.kept.collect import collect_store
from gittrack.store.kept.collecting import collecting, is_collected
from gittrack.store.kept.places import Kept
from gittrack.store.kept.uploads import UploadFailed, of_runs, put
from gittrack.store.kept.verify import verify
from gittrack.store.sync.share import pull, push
from tests.support.kept import LONG_AGO, age, age_all, in_bucket, made, with_bucket
from tests.support.remotes import clone, remote_runs, where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def assert_whole(watcher: RunStore, bucket: Path) -> int:
    """Everything that the runs name which a clone sees is in the store, and none of it is half; how many."""
    pull(watcher)
    kept = Kept(watcher)
    assert verify(kept, store=True).faults == ()
    for path in (bucket / "sha256").glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    return len(of_runs(kept))


def test_push_that_is_killed(ada: RunStore, bob: RunStore, bucket: Path, remote: Path) -> None:
    """At any moment; the next one does the rest."""
    chance = random.Random(7)
    words = [sys.executable, "-m", "gittrack", "push"]
    for round_ in range(6):
        for number in range(3):
            content = f"{round_} {number}".encode() * 50_000
            made(ada, {"w.bin": content}, {"m": {"x": content + b"x", "y": content + b"y"}})
        process = subprocess.Popen(
            words, cwd=where(ada), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=chance.uniform(0.3, 1.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert_whole(bob, bucket)
    push(ada)
    assert assert_whole(bob, bucket) == 6 * 3 * 2
    assert len(remote_runs(remote)) == 18


def test_two_pushers_and_a_collector(
    ada: RunStore, bob: RunStore, bucket: Path, remote: Path, tmp_path: Path
) -> None:
    """Old objects that nobody names are collected while others log the same contents and push."""
    carol = with_bucket(clone(remote, tmp_path / "carol"), bucket)
    contents = [f"content {number}".encode() for number in range(24)]
    kept = Kept(carol)
    for content in contents:
        kept.remote.put(kept.objects, kept.objects.put_bytes(content).sha256)
    age_all(kept, bucket)
    done = threading.Event()

    def pushes(store: RunStore, order: int) -> None:
        for number in range(0, 24, 4):
            made(store, {f"{one}.bin": contents[(one + order) % 24] for one in range(number, number + 6)})
            push(store)

    def collects() -> int:
        removed = 0
        while not done.is_set():
            removed += len(collect_store(Kept(carol), grace=uploads.GRACE, dry=False).removed)
            named = {one.sha256 for one in of_runs(Kept(carol))}
            for sha256 in sorted(named)[:3]:  # as if time went by
                age(bucket / "sha256" / sha256[:2] / sha256)
        return removed

    with ThreadPoolExecutor(3) as pool:
        collector = pool.submit(collects)
        pushers = [pool.submit(pushes, ada, 0), pool.submit(pushes, bob, 12)]
        try:
            for one in pushers:
                one.result()
        finally:
            done.set()
        collector.result()
    for store in (ada, bob):
        store.recover()  # a run whose lock a process that was just forked had held for a moment
        push(store)
    push(ada)
    assert assert_whole(carol, bucket) == 2 * 6 * 6


def test_a_push_waits_for_a_collector(ada: RunStore, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was renewed while somebody collects is looked at again when that is over."""
    kept = Kept(ada)
    run = made(ada, {"a.bin": b"a"})
    put(kept)
    age_all(kept, bucket)
    sha256 = run.artifacts[0].sha256
    mark = collecting(kept.remote.remote)
    mark.__enter__()

    def end_collection(_: float) -> None:  # it had looked before the renewal, and removes the object
        (bucket / "sha256" / sha256[:2] / sha256).unlink()
        mark.__exit__(None, None, None)

    monkeypatch.setattr(uploads.time, "sleep", end_collection)  # type: ignore[attr-defined]  # the module
    assert push(ada).artifacts.sent == 2
    assert in_bucket(bucket) == {sha256}


def test_a_collector_that_does_not_end(
    ada: RunStore, bucket: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keeps runs from being published that need renewed objects, and no others."""
    monkeypatch.setattr(uploads, "_PATIENCE", 0.0)
    monkeypatch.setattr(uploads, "_PAUSE", 0.0)
    kept = Kept(ada)
    made(ada, {"a.bin": b"a"})
    put(kept)
    with collecting(kept.remote.remote):
        made(ada, {"b.bin": b"b"})
        assert push(ada).artifacts.sent == 1
        made(ada, {"old.bin": b"old"})
        put(kept)
        age_all(kept, bucket)
        with pytest.raises(UploadFailed, match="somebody collects"):
            push(ada)
    assert len(remote_runs(remote)) == 2


def test_a_collector_that_was_killed(kept: Kept, bucket: Path) -> None:
    """Is in nobody's way after an hour."""
    (bucket / "tmp").mkdir()
    mark = bucket / "tmp" / "gc-x"
    mark.write_bytes(b"")
    assert is_collected(kept.remote.remote)
    os.utime(mark, (LONG_AGO, LONG_AGO))
    assert not is_collected(kept.remote.remote)
