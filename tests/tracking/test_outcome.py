from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from gittrack.tracking.outcome import Exit, oom_kills, status_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("end", "out_of_memory", "expected"),
    [
        (Exit(0), False, "finished"),
        (Exit(0, interrupted=True), False, "finished"),
        (Exit(1), False, "failed"),
        (Exit(137), False, "failed"),
        (Exit(143), False, "killed"),
        (Exit(1), True, "failed"),
        (Exit(137), True, "oom"),
        (Exit(None, signal.SIGKILL), True, "oom"),
        (Exit(None, signal.SIGKILL), False, "killed"),
        (Exit(None, signal.SIGTERM), True, "killed"),
        (Exit(None, signal.SIGSEGV), False, "killed"),
        (Exit(None, signal.SIGINT), False, "interrupted"),
        (Exit(None, signal.SIGINT, interrupted=True), False, "interrupted"),
        (Exit(130), False, "interrupted"),
        (Exit(1, interrupted=True), False, "interrupted"),
    ],
)
def test_status(end: Exit, *, out_of_memory: bool, expected: str) -> None:
    """The status tells finished, failed, killed, out of memory and interrupted apart."""
    assert status_of(end, out_of_memory=out_of_memory) == expected


def test_exit_status_is_that_of_shells() -> None:
    """`$?` is the exit code, or 128 and the number of the signal."""
    assert [Exit(3).status, Exit(None, signal.SIGTERM).status] == [3, 143]


def test_signal_name() -> None:
    """Signals have their names; real-time ones a number."""
    assert [Exit(None, number).signal_name for number in (9, 47)] == ["SIGKILL", "SIG47"]
    assert Exit(0).signal_name is None


def files(root: Path, **contents: str) -> Path:
    """A folder with these files; `__` stands for `/`."""
    for name, content in contents.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_counter_of_version_2(tmp_path: Path) -> None:
    """Version 2: `memory.events` of our group."""
    proc = files(tmp_path / "proc", self__cgroup="0::/user/job\n")
    groups = files(tmp_path / "cg")
    (groups / "user" / "job").mkdir(parents=True)
    (groups / "user" / "job" / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    assert oom_kills(proc, groups) == 2


def test_counter_of_version_1(tmp_path: Path) -> None:
    """Version 1: `memory.oom_control` of our group of the memory controller."""
    proc = files(tmp_path / "proc", self__cgroup="5:cpu:/x\n4:memory:/job\n0::/\n")
    groups = tmp_path / "cg"
    (groups / "memory" / "job").mkdir(parents=True)
    (groups / "memory" / "job" / "memory.oom_control").write_text("under_oom 0\noom_kill 7\n")
    assert oom_kills(proc, groups) == 7


def test_counter_in_a_container(tmp_path: Path) -> None:
    """In a container the path is the host's and the mount is our group."""
    proc = files(tmp_path / "proc", self__cgroup="0::/docker/abc\n")
    groups = tmp_path / "cg"
    groups.mkdir()
    (groups / "memory.events").write_text("oom_kill 4\n")
    assert oom_kills(proc, groups) == 4


def test_counter_of_the_machine(tmp_path: Path) -> None:
    """Without a group that counts, the machine does."""
    proc = files(tmp_path / "proc", self__cgroup="0::/\n", vmstat="pgfault 1\noom_kill 9\n")
    assert oom_kills(proc, tmp_path) == 9


def test_no_counter(tmp_path: Path) -> None:
    """Where nobody counts there is no count."""
    assert oom_kills(tmp_path, tmp_path) is None
