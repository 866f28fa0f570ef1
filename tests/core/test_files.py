from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gittrack.core import files
from gittrack.core.files import Unneeded, is_locked, locked, try_lock, write_atomic


@pytest.mark.parametrize("sync", [False, True])
def test_write_replaces(tmp_path: Path, *, sync: bool) -> None:
    """The file has the new content and nothing else is left."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_atomic(path, b"new", sync=sync)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_failed_write_leaves_the_old(tmp_path: Path) -> None:
    """Nothing half-written, no temporary file."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomic(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_long_names_can_be_written(tmp_path: Path) -> None:
    """The temporary name is not longer than names may be."""
    path = tmp_path / ("n" * 250)
    write_atomic(path, b"x")
    assert path.read_bytes() == b"x"


def test_file_is_locked_while_the_block_runs(tmp_path: Path) -> None:
    """And not before or after; its folder is made."""
    path = tmp_path / "folder" / "lock"
    assert not is_locked(path)
    with locked(path):
        assert is_locked(path)
    assert not is_locked(path)


def test_lock_waits_no_longer_than_told(tmp_path: Path) -> None:
    """The message says which file, and for how long."""
    path = tmp_path / "lock"
    with locked(path), pytest.raises(TimeoutError, match="lock was"), locked(path, timeout=0.01):
        pass


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    """A killed holder leaves no lock."""
    code = (
        "import sys, time; from pathlib import Path; from gittrack.core.files import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout
        process.stdout.readline()
        assert is_locked(tmp_path / "lock")
        process.kill()
    with locked(tmp_path / "lock", timeout=30):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no shared locks there")
def test_asking_does_not_disturb_others_who_ask(tmp_path: Path) -> None:
    """Two who look at once both see a free lock."""
    path = tmp_path / "lock"
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    assert try_lock(descriptor, shared=True)
    assert not is_locked(path)
    os.close(descriptor)


@pytest.mark.skipif(sys.platform == "win32", reason="other rights there")
def test_file_of_somebody_else_counts_as_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is left alone."""
    path = tmp_path / "lock"
    path.touch()
    path.chmod(0)

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)  # root may open everything
    assert is_locked(path)
    monkeypatch.undo()
    path.chmod(stat.S_IRUSR)

    def unable(*_: object) -> None:
        raise OSError(95, "no locks here")

    monkeypatch.setattr("fcntl.flock", unable)
    assert is_locked(path)


def test_sync_without_fdatasync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, all of the file is synced."""
    monkeypatch.delattr(os, "fdatasync", raising=False)
    with (tmp_path / "file").open("wb") as file:
        files.sync_file(file.fileno())


def test_lock_that_is_not_needed_any_more(tmp_path: Path) -> None:
    """Who waits for a lock stops when somebody else has done the work."""
    path = tmp_path / "lock"
    asked = iter([False, True])
    with locked(path), pytest.raises(Unneeded), locked(path, unless=lambda: next(asked)):
        pass
