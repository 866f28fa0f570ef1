from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from gittrack.core.files import locked
from gittrack.store.commit.pack import main, note, pack
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote, record, where

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from gittrack.store.runs import RunStore


def _loose(store: RunStore) -> int:
    line = git_run("count-objects", cwd=where(store))
    return int(line.split()[0])


def _packs(store: RunStore) -> int:
    return len(list((store.git.place.common_dir / "objects" / "pack").glob("*.pack")))


def test_pack(store: RunStore) -> None:
    """Loose objects end in a pack, and nothing is lost."""
    for _ in range(3):
        record(store)
    assert pack(store.git)
    assert _loose(store) == 0
    assert _packs(store) == 1
    assert git_run("fsck", "--strict", cwd=where(store)) == ""


def test_packs_do_not_pile_up(store: RunStore) -> None:
    """Packing again and again keeps few packs: their number would make Git collect garbage too."""
    for _ in range(12):
        record(store)
        pack(store.git)
    assert _packs(store) <= 5


def test_partial_clone(tmp_path: Path) -> None:
    """A partial clone is packed without mixing in what it can fetch."""
    remote = make_remote(tmp_path / "remote.git")
    git_run("config", "uploadpack.allowFilter", "true", cwd=remote)
    partial = clone(remote, tmp_path / "partial", "--filter=blob:none")
    record(partial)
    assert pack(partial.git)
    assert _loose(partial) == 0


def test_not_while_git_collects_garbage(store: RunStore) -> None:
    """A running `git gc` is left alone."""
    record(store)
    (store.git.place.common_dir / "gc.pid").write_text("1 localhost")
    assert not pack(store.git)


def test_one_at_a_time(store: RunStore) -> None:
    """Who finds another packing leaves it to that one."""
    record(store)
    with locked(store.git.directory / "pack.lock"):
        assert not pack(store.git)


def test_started_after_enough_commits(store: RunStore) -> None:
    """Counting is cheap, and the commit that makes it enough starts a process that packs."""
    record(store)  # one commit
    assert [note(store.git, 1, every=3) for _ in range(2)] == [False, True]
    deadline = time.monotonic() + 60
    while _loose(store) and time.monotonic() < deadline:
        time.sleep(0.05)  # another process is packing
    assert _loose(store) == 0
    assert not note(store.git, 1, every=3)


def test_no_commits_no_counting(store: RunStore) -> None:
    """A run that another process committed is not counted twice."""
    assert not note(store.git, 0, every=0)
    assert not (store.git.directory / "unpacked").exists()


def test_trouble_is_left_for_later(store: RunStore) -> None:
    """A counter that cannot be written stops nothing."""
    (store.git.directory / "unpacked").mkdir(parents=True)
    assert not note(store.git, 1, every=1)


def test_main(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that is started packs the repository that it is given."""
    if sys.platform != "win32":
        monkeypatch.setattr("os.nice", lambda _: 0)
    record(store)
    main(["pack", str(store.git.place.git_dir)])
    assert _loose(store) == 0
