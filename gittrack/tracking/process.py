"""Run a command as if we were not there."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.tracking.outcome import Exit
from gittrack.tracking.passthrough import Channel, is_open, same_place
from gittrack.tracking.signals import Forwarding, attentive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gittrack.tracking.passthrough import Sink

NOT_FOUND, NOT_EXECUTABLE = 127, 126


class CannotStart(GitTrackError):
    """A command cannot be started; `exit_code` is that of shells: 127 not found, 126 not executable."""

    def __init__(self, message: str, hint: str | None, exit_code: int) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


def execute(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    sink: Callable[[], Sink] | None = None,
    started: Callable[[int], None] | None = None,
) -> tuple[Exit, list[OSError]]:
    """Run a command to its end; its streams are ours, signals that come to us go to it.

    Args:
        command: its words.
        env: its whole environment.
        cwd: where it runs, the current folder when None.
        sink: makes one that sees the output, for each channel; without it the child inherits our
            standard output and error directly.
        started: gets the process id.

    Returns:
        How it ended, and what kept output from being passed on (a closed pipe is no such thing).

    Raises:
        CannotStart: there is no such command, or it is no program.
    """
    channels = [] if sink is None else _channels(sink)
    with Forwarding(lambda: _resize(channels)) as signals:
        try:
            stdout, stderr = _streams(channels)
            process = subprocess.Popen(command, env=env, cwd=cwd, stdout=stdout, stderr=stderr)
        except OSError as error:
            for channel in channels:
                channel.abandon()
            raise _cannot_start(command[0], error, env.get("PATH"), cwd) from error
        signals.begin(process.pid)
        for channel in channels:
            channel.start()
        if started is not None:
            started(process.pid)
        end = _wait(process)
        signals.end()
        interrupted = signals.interrupted
    _drain(channels)
    problems = [one.problem for one in channels if one.problem is not None]
    lost = [problem for problem in problems if not isinstance(problem, BrokenPipeError)]
    return Exit(end.code, end.signal, end.peak_memory, interrupted), lost


def _channels(sink: Callable[[], Sink]) -> list[Channel]:
    targets = [number for number in (1, 2) if is_open(number)]
    if len(targets) == 2 and same_place(1, 2):  # noqa: PLR2004  both
        targets.pop()
    return [Channel(target, sink()) for target in targets]


def _streams(channels: list[Channel]) -> tuple[int | None, int | None]:
    """Standard output and error of the child; None inherits ours."""
    inner = {channel.target: channel.inner for channel in channels}
    if list(inner) == [1] and is_open(2):
        return inner[1], inner[1]
    return inner.get(1), inner.get(2)


def _resize(channels: list[Channel]) -> bool:
    changed = [channel.resize() for channel in channels]
    return any(changed)


def _drain(channels: list[Channel]) -> None:
    for channel in channels:
        channel.child_ended()
    with contextlib.suppress(KeyboardInterrupt):  # nobody reads our output any more, and the user knows
        for channel in channels:
            channel.join()


def _wait(process: subprocess.Popen[bytes]) -> Exit:
    if sys.platform == "win32":
        return Exit(process.wait())
    _, status, usage = attentive(lambda: os.wait4(process.pid, 0))
    process.returncode = os.waitstatus_to_exitcode(status)  # it is gone: nobody need wait again
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if process.returncode < 0:
        return Exit(None, -process.returncode, peak)
    return Exit(process.returncode, None, peak)


def _cannot_start(name: str, error: OSError, path: str | None, cwd: Path | None) -> CannotStart:
    there = os.path.join(cwd or "", name)  # noqa: PTH118  an empty name stays one
    is_file = os.path.isfile(there)  # noqa: PTH113
    if cwd is not None and not cwd.is_dir():
        return CannotStart(f"no such folder: {cwd}", "a command runs in a folder that exists", NOT_FOUND)
    if isinstance(error, FileNotFoundError):
        if is_file and shutil.which(name, path=path or os.defpath):
            return CannotStart(f"the interpreter of {name} is missing", "look at its first line", NOT_FOUND)
        hint = f"`./{name}` or `python {name}`?" if is_file else "a shell finds it the same way: check PATH"
        return CannotStart(f"command not found: {name}", hint, NOT_FOUND)
    if error.errno == errno.ENOEXEC:
        hint = "begin it with a line like `#!/bin/sh`, or name its interpreter: `sh …`"
        return CannotStart(f"not a program: {name}", hint, NOT_EXECUTABLE)
    if isinstance(error, PermissionError):
        hint = f"`chmod +x {name}`, or name its interpreter" if is_file else "check what you may do with it"
        return CannotStart(f"not executable: {name}", hint, NOT_EXECUTABLE)
    return CannotStart(f"cannot start {name}: {error.strerror}", None, NOT_EXECUTABLE)
