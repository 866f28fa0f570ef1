"""`gittrack ui` over 100,000 runs in a pseudo-terminal, and what `gittrack watch` takes of a core at 50 jobs.

A frame counts from the key (or the start of the process) to the first bytes that change the screen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING

from harness.environments import ROOT
from harness.measure import Failed
from harness.results import Measured
from harness.synthetic_store import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.context import Context
    from harness.environments import Tool

_SIZE = (40, 120)
_DOWN, _PAGE, _END, _UP_PAGE = b"\x1b[B", b"\x1b[6~", b"\x1b[F", b"\x1b[5~"
_KEYS = (*[_DOWN] * 10, *[_PAGE] * 5, _END, *[_UP_PAGE] * 4, b" ", b" ")
_JOBS, _METRICS = 50, 20
_SECONDS = 20


class Screen:
    """A program in a pseudo-terminal.

    Args:
        words: the command.
        cwd: where it runs.
        env: its variables.
    """

    def __init__(self, words: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        self.begun = time.perf_counter()
        self.seen = b""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *_SIZE, 0, 0))
            os.chdir(cwd)
            os.execvpe(words[0], words, {**env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})  # noqa: S606  ours

    def read(self, timeout: float) -> bytes:
        """What is written within so many seconds; nothing where nothing comes."""
        if not select.select([self._master], [], [], timeout)[0]:
            return b""
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError as error:
            msg = f"the program ended: {self.seen[-500:]!r}"
            raise Failed(msg) from error
        self.seen += chunk
        return chunk

    def wait_for(self, text: bytes, patience: float = 120) -> float:
        """Seconds from the start until some text is written."""
        while text not in self.seen:
            if time.perf_counter() - self.begun > patience:
                msg = f"{text!r} did not come"
                raise Failed(msg)
            self.read(0.5)
        return time.perf_counter() - self.begun

    def quiet(self, seconds: float = 0.3) -> None:
        """Read until nothing comes for a while."""
        while self.read(seconds):
            pass

    def press(self, key: bytes) -> float:
        """Seconds from a key to what it changes."""
        before = time.perf_counter()
        os.write(self._master, key)
        if not self.read(5):
            msg = f"{key!r} changes nothing"
            raise Failed(msg)
        return time.perf_counter() - before

    def end(self) -> None:
        """End the program."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)


def measure(context: Context) -> Iterator[Measured]:
    """First frame and keys of the screen, then the cost of watching."""
    tool = context.ours
    if tool is None:
        return
    yield from _screen(context, tool)
    yield from _watching(context, tool)


def _screen(context: Context, tool: Tool) -> Iterator[Measured]:
    count = max(1000, round(100_000 * context.scale))
    repository, env = filled(context, count), tool.environ(context.home)
    subprocess.run(
        [tool.script("gittrack"), "ls", "-n", "1"], cwd=repository, env=env, capture_output=True, check=True
    )
    firsts: list[float] = []
    keys: list[float] = []
    for _ in range(context.times(5)):
        screen = Screen([str(tool.script("gittrack")), "ui", "--no-state"], repository, env)
        try:
            firsts.append(screen.wait_for(b"finished"))
            screen.wait_for(b"runs")
            screen.quiet(1.0)
            for key in _KEYS:
                keys.append(screen.press(key))
                screen.quiet()
        finally:
            screen.end()
    note = f"of {count:,} runs"
    yield Measured(
        "ui, first frame, whole process", tool.name, 1000 * statistics.median(firsts), "ms", "<= 700", note
    )
    keys.sort()
    yield Measured("ui, key to frame, median", tool.name, 1000 * statistics.median(keys), "ms", "<= 50", note)
    slow = keys[round(0.95 * (len(keys) - 1))]
    yield Measured("ui, key to frame, 95 of 100", tool.name, 1000 * slow, "ms", "<= 50", note)


def _watching(context: Context, tool: Tool) -> Iterator[Measured]:
    repository, env = context.repository("watching"), tool.environ(context.home)
    words = [str(tool.python), str(ROOT / "benchmarks" / "jobs.py"), str(_JOBS), str(_METRICS)]
    jobs = subprocess.Popen(words, cwd=repository, env=env, stdout=subprocess.PIPE)
    try:
        assert jobs.stdout is not None
        jobs.stdout.readline()
        screen = Screen([str(tool.script("gittrack")), "watch"], repository, env)
        try:
            screen.wait_for(b"job-")
            _let(screen, 5)
            before = _cpu(screen.pid)
            _let(screen, _SECONDS)
            share = (_cpu(screen.pid) - before) / _SECONDS
        finally:
            screen.end()
    finally:
        jobs.kill()
        jobs.wait()
    note = f"{_METRICS} metrics each, logged twice a second"
    yield Measured(f"watch of {_JOBS} running jobs, of one core", tool.name, 100 * share, "%", "<= 5", note)


def _let(screen: Screen, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        screen.read(0.5)


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has taken."""
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
