"""Journals of live runs, and processes that write them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.records import Run
from gittrack.store.journal.live import Live, read_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.store.journal.writer import Journal

RUN = Run("20261124-000000-abcdefgh")
ROOT = Path(__file__).parents[2]


def wait_until(true: Callable[[], bool]) -> None:
    """Poll, for at most 30 seconds."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def values(directory: Path, key: str = "loss", rank: int = 0) -> list[float]:
    """The values of a metric as they can be read."""
    return [
        v for one in read_live(directory).series if (one.key, one.rank) == (key, rank) for v in one.values
    ]


def log_many(journal: Journal, stop: int, start: int = 0) -> None:
    """Points that count."""
    for number in range(start, stop):
        journal.point("loss", number)


def child(body: str, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """A process that runs `body` with a journal of the directory in its first argument."""
    head = (
        "import os, sys, time\nfrom pathlib import Path\nfrom gittrack.core.events import *\n"
        "from gittrack.core.records import Run\nfrom gittrack.store.journal.writer import Journal\n"
        "directory = Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + body, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, **options
    )


def in_fork(work: Callable[[], None]) -> int:
    """Run `work` in a forked child; its exit status."""
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException:  # noqa: BLE001  the child must not come back into pytest
            os._exit(1)
        os._exit(0)
    done = (0, 0)

    def is_over() -> bool:
        nonlocal done
        done = os.waitpid(pid, os.WNOHANG)
        return done[0] == pid

    try:
        wait_until(is_over)
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise
    return os.waitstatus_to_exitcode(done[1])


def foreign(directory: Path, *lines: object, end: str = "\n") -> Live:
    """The run after another language appended these lines (objects as JSON)."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end
    (directory / "other.jsonl").write_text(text)
    return read_live(directory)
