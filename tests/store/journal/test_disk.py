"""Journals on disks that take nothing, and how they get to the disk."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackWarning
from gittrack.core.events import ParamsLogged, Started
from gittrack.store.journal import writer as journal_module
from gittrack.store.journal.lines_file import JournalFile
from gittrack.store.journal.live import read_live
from gittrack.store.journal.writer import Journal
from tests.support.journals import RUN, child, log_many, values, wait_until

if TYPE_CHECKING:
    from pathlib import Path


class TestTrouble:
    """A disk that takes nothing."""

    def test_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        """The journal works in memory, warns once, and writes all when it can."""
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning, match="waits in memory"):
            journal = Journal(tmp_path / "file" / "run")
        journal.event(Started(RUN))
        log_many(journal, 3_000)
        (tmp_path / "file").unlink()
        (tmp_path / "file" / "run").mkdir(parents=True)
        journal.close()
        assert values(tmp_path / "file" / "run") == list(map(float, range(3_000)))

    def test_what_waits_is_written_with_the_next_event(self, tmp_path: Path) -> None:
        """It does not wait for the end."""
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning):
            journal = Journal(tmp_path / "file" / "run")
        journal.event(Started(RUN))
        journal.point("loss", 1.0)
        (tmp_path / "file").unlink()
        (tmp_path / "file" / "run").mkdir(parents=True)
        journal.event(ParamsLogged({"a": 1}))
        assert values(tmp_path / "file" / "run") == [1.0]
        journal.point("loss", 2.0)
        assert values(tmp_path / "file" / "run") == [1.0, 2.0]
        journal.close()

    def test_lost_for_good(self, tmp_path: Path) -> None:
        """When it never becomes possible, closing says so."""
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning):
            journal = Journal(tmp_path / "file" / "run")
        journal.point("loss", 1.0)
        with pytest.warns(GitTrackWarning, match="lost"):
            journal.close()

    def test_memory_is_limited(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Points beyond the limit are dropped, with a warning."""
        monkeypatch.setattr("gittrack.store.journal.segments.MOST_WAITING", 100_000)
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning, match="waits in memory"):
            journal = Journal(tmp_path / "file" / "run")
        with pytest.warns(GitTrackWarning, match="points are dropped"):
            log_many(journal, 10_000)
        with pytest.warns(GitTrackWarning, match="lost"):
            journal.close()

    def test_removed_folder(self, journal: Journal, directory: Path) -> None:
        """All that was logged is written again when the folder is back."""
        journal.point("loss", 1.0)
        for path in directory.iterdir():
            path.unlink()
        directory.rmdir()
        with pytest.warns(GitTrackWarning, match="waits in memory"):
            journal.event(ParamsLogged({"a": 1}))
        journal.point("loss", 2.0)
        directory.mkdir()
        journal.event(ParamsLogged({"b": 2}))
        live = read_live(directory)
        assert (live.run.params, live.alive, live.problems) == ({"a": 1, "b": 2}, True, ())
        journal.point("loss", 3.0)
        assert values(directory) == [1.0, 2.0, 3.0]

    def test_full_disk(self, tmp_path: Path) -> None:
        """A limit on file sizes, then none: nothing is lost, every line is whole."""
        process = child(
            "import resource, signal, warnings\n"
            "warnings.simplefilter('ignore')\n"
            "j = Journal(directory); j.event(Started(Run('20261124-000000-abcdefgh')))\n"
            "j.point('loss', 0.0)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))\n"
            "for n in range(100): j.event(ParamsLogged({'p%d' % n: 'x' * 50}))\n"
            "for n in range(1, 5000): j.point('loss', float(n))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
            "j.event(Ended('finished', 1)); os.kill(os.getpid(), 9)\n",
            tmp_path,
        )
        process.communicate()
        live = read_live(tmp_path)
        assert (len(live.run.params), live.problems, live.ended) == (100, (), True)
        assert values(tmp_path) == list(map(float, range(5_000)))

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts need root")
    @pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux")
    def test_really_full_disk(self, tmp_path: Path) -> None:
        """A file system of 256 KiB that fills up and is freed again."""
        mount = tmp_path / "small"
        mount.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(mount)], check=False, capture_output=True
        )
        if done.returncode:
            pytest.skip("cannot mount here")
        try:
            journal = Journal(mount / "run")
            journal.event(Started(RUN))
            journal.point("loss", 0.0)
            (mount / "ballast").write_bytes(bytes(180_000))
            with pytest.warns(GitTrackWarning, match="No space left"):
                log_many(journal, 5_000, start=1)
            for number in range(500):
                journal.event(ParamsLogged({f"p{number}": "x" * 300}))
            (mount / "ballast").unlink()
            subprocess.run(["mount", "-o", "remount,size=2m", str(mount)], check=True)
            journal.close()
            live = read_live(mount / "run")
            assert (values(mount / "run"), live.problems) == (list(map(float, range(5_000))), ())
            assert len(live.run.params) == 500
        finally:
            subprocess.run(["umount", str(mount)], check=True)

    def test_no_mapped_memory(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where files cannot be mapped, points are appended."""

        def refuse(*_: object) -> None:
            raise OSError(errno.ENODEV, "no")

        monkeypatch.setattr("gittrack.store.journal.points.mmap.mmap", refuse)
        journal = Journal(directory)
        journal.event(Started(RUN))
        for number in range(2_000):
            journal.point("loss", number)
        assert values(directory) == list(map(float, range(2_000)))
        assert len(list(directory.glob("*.points"))) == 1
        journal.sync()
        for path in directory.glob("*.points"):
            path.unlink()
        with pytest.warns(GitTrackWarning):
            journal.point("loss", 1.0)
        journal.close()
        assert values(directory) == [1.0]


def test_sync_brings_it_to_the_disk(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """It syncs what changed, once."""
    seen: list[list[str]] = []

    def note(paths: list[Path]) -> None:
        seen.append([path.suffix for path in paths])

    monkeypatch.setattr(journal_module, "sync_paths", note)
    journal.point("loss", 1.0)
    journal.sync()
    journal.sync()
    journal.point("loss", 1.0)
    journal.sync()
    assert seen == [[".points", ".jsonl"], [], [".points"]]


def test_sync_of_removed_files_warns(journal: Journal, directory: Path) -> None:
    """It does not raise."""
    journal.point("loss", 1.0)
    for path in directory.glob("*.points"):
        path.unlink()
    with pytest.warns(GitTrackWarning):
        journal.sync()


def test_long_runs_sync_by_themselves(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread does, and only in runs that last."""
    monkeypatch.setattr("gittrack.store.journal.disk_sync.SYNC_SECONDS", 0.01)
    journal = Journal(directory)
    journal.event(Started(RUN))
    assert not [thread for thread in threading.enumerate() if thread.name == "gittrack-sync"]
    synced = threading.Event()
    monkeypatch.setattr(journal_module, "sync_paths", lambda _paths: synced.set())
    journal._sync_due = 0
    journal.point("loss", 1.0)
    journal.point("loss", 1.0)
    assert synced.wait(30)
    journal.close()
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "gittrack-sync"])


def test_forgotten_journal_stops_its_thread(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread does not keep the journal."""
    monkeypatch.setattr("gittrack.store.journal.disk_sync.SYNC_SECONDS", 0.01)
    journal = Journal(directory)
    journal._sync_due = 0
    journal.event(Started(RUN))
    journal._file.close()
    del journal
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "gittrack-sync"])


def test_name_that_is_taken_is_not_overwritten(directory: Path) -> None:
    """A journal never replaces a file."""
    file = JournalFile(directory, "abcd", 0)
    directory.mkdir(parents=True)
    file.path.write_text("precious\n")
    with pytest.raises(FileExistsError):
        file.flush(b"line\n")
    assert (file.path.read_text(), list(file.waiting)) == ("precious\n", [b"line\n"])
    assert file.to_sync() == []


def test_first_line_that_cannot_be_written_leaves_no_file(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file appears whole or not at all."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    directory.mkdir(parents=True)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="full"):
        JournalFile(directory, "abcd", 0).flush()
    assert list(directory.iterdir()) == []
