"""What the end of a process says about its run."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gittrack.core.records import Status

_SIGKILL = 9  # by number: Windows does not name it
_SHELL = 128  # what shells add to the number of a signal


class Exit(NamedTuple):
    """How a process ended.

    Attributes:
        code: its exit code, None when a signal ended it.
        signal: number of that signal, None otherwise.
        peak_memory: largest resident set of it or of one of its descendants that it waited for, bytes;
            None where the system does not say. Never less than that of the process that started it.
        interrupted: whether the user pressed ^C (or sent SIGINT) while it ran.
    """

    code: int | None
    signal: int | None = None
    peak_memory: int | None = None
    interrupted: bool = False

    @property
    def status(self) -> int:
        """What a shell shows as `$?`: the exit code, or 128 and the number of the signal."""
        return self.code if self.code is not None else _SHELL + (self.signal or 0)

    @property
    def signal_name(self) -> str | None:
        """`SIGKILL` and the like, None without a signal."""
        if self.signal is None:
            return None
        try:
            return signal.Signals(self.signal).name
        except ValueError:  # real-time signals between the first and the last have no name
            return f"SIG{self.signal}"


def status_of(end: Exit, *, out_of_memory: bool = False) -> Status:
    """The status of a run.

    `interrupted` also covers a program that answers ^C with an exit code of its own, `killed` and `oom` a
    shell that reports the death of what it ran.

    Args:
        end: how the process ended.
        out_of_memory: whether the kernel killed something for want of memory while it ran.
    """
    if out_of_memory and (end.signal == _SIGKILL or end.code == _SHELL + _SIGKILL):
        return "oom"
    if end.signal is not None:
        return "interrupted" if end.signal == signal.SIGINT else "killed"
    if end.code == _SHELL + signal.SIGTERM:
        return "killed"
    if end.code == 0:
        return "finished"
    return "interrupted" if end.interrupted or end.code == _SHELL + signal.SIGINT else "failed"


def oom_kills(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """How many processes of our control group the kernel has killed for want of memory.

    Counts all of the machine where there are no control groups of memory; None where nobody counts.

    Args:
        proc: the process file system.
        cgroups: where control groups are mounted.
    """
    for path in _counters(proc, cgroups):
        count = _count(path)
        if count is not None:
            return count
    return None


def _counters(proc: Path, cgroups: Path) -> list[Path]:
    found = []
    for line in _read(proc / "self" / "cgroup").splitlines():
        number, controllers, place = (*line.split(":", 2), "", "")[:3]
        if "memory" in controllers.split(","):
            root, name = cgroups / "memory", "memory.oom_control"
        elif number == "0":
            root, name = cgroups, "memory.events"
        else:
            continue
        # Inside of a container the path may be the host's, and the mount already our group.
        found += [root / place.strip("/") / name, root / name]
    return [*found, proc / "vmstat"]


def _count(path: Path) -> int | None:
    for line in _read(path).splitlines():
        name, _, value = line.partition(" ")
        if name == "oom_kill" and value.strip().isdecimal():
            return int(value)
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
