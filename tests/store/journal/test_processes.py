"""Journals of processes that fork, get signals, or are killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackWarning
from gittrack.core.events import Ended, ParamsLogged
from gittrack.store.journal.live import is_alive, read_live
from tests.support.journals import child, in_fork, values, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.journal.writer import Journal


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
class TestFork:
    """A forked child."""

    def test_child_is_another_writer(self, journal: Journal, directory: Path) -> None:
        """It logs into files of its own; steps go on."""
        journal.point("loss", 1.0)

        def work() -> None:
            journal.point("loss", 2.0)
            journal.event(ParamsLogged({"who": "child"}))

        assert in_fork(work) == 0
        journal.point("loss", 3.0)
        live = read_live(directory)
        assert values(directory) == [1.0, 2.0, 3.0]
        assert list(live.series[0].steps) == [0, 1, 1]
        assert live.run.params == {"who": "child"}
        assert len(list(directory.glob("*.jsonl"))) == 2

    def test_silent_child_leaves_no_trace(self, journal: Journal, directory: Path) -> None:
        """It makes no file, and its end does not unlock the parent's journal."""
        assert in_fork(lambda: None) == 0
        assert len(list(directory.glob("*.jsonl"))) == 1
        assert is_alive(directory)
        assert journal.writer

    def test_child_that_closes_keeps_the_parent_locked(self, journal: Journal, directory: Path) -> None:
        """Closing in the child is about the child."""
        assert in_fork(journal.close) == 0
        assert is_alive(directory)

    @pytest.mark.parametrize(("logs", "alive"), [("0", False), ("1", True)])
    def test_child_that_outlives_its_parent(self, directory: Path, logs: str, *, alive: bool) -> None:
        """It keeps the run alive only when it logged: a stray worker must not."""
        process = child(
            "j = Journal(directory); j.event(Started(Run('20261124-000000-abcdefgh')))\n"
            "j.point('loss', 1.0)\n"
            "pid = os.fork()\n"
            "if pid == 0:\n"
            "    if sys.argv[2] == '1': j.point('loss', 2.0)\n"
            "    os.write(1, b'ready %d\\n' % os.getpid()); time.sleep(60)\n"
            "time.sleep(60)\n",
            directory,
            logs,
        )
        assert process.stdout
        worker = int(process.stdout.readline().split()[1])
        try:
            process.kill()
            process.wait()
            assert is_alive(directory) is alive
        finally:
            os.kill(worker, signal.SIGKILL)
            process.stdout.close()
        wait_until(lambda: not is_alive(directory))

    def test_fork_with_threads_at_work(self, directory: Path) -> None:
        """A lock that another thread held at the moment of the fork does not stop the child."""
        process = child(
            "import signal, threading, warnings\n"
            # coverage has a lock that a fork can leave taken
            "sys.settrace(None); threading.settrace(None)\n"
            "warnings.simplefilter('ignore')  # Python's warning of exactly this\n"
            "signal.alarm(60)\n"
            "j = Journal(directory); j.event(Started(Run('20261124-000000-abcdefgh')))\n"
            "def work():\n"
            "    n = 0\n"
            "    while not stop.is_set(): j.point(f'm{n % 50}', n); n += 1\n"
            "stop = threading.Event(); thread = threading.Thread(target=work); thread.start()\n"
            "for n in range(10):\n"
            "    pid = os.fork()\n"
            "    if pid == 0: signal.alarm(30); j.point('child', n); os._exit(0)\n"
            "    assert os.waitpid(pid, 0)[1] == 0\n"
            "stop.set(); thread.join(); j.close()\n",
            directory,
        )
        process.communicate()
        assert process.returncode == 0
        assert sorted(values(directory, "child")) == list(map(float, range(10)))


def test_signal_handler_may_end_the_run(journal: Journal, directory: Path) -> None:
    """A handler that closes the journal in the middle of an event leaves a clean end."""

    def handler(*_: object) -> None:
        journal.event(Ended("interrupted", 1))
        journal.close()

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.003)
    try:
        while not journal.closed:
            with contextlib.suppress(GitTrackWarning):  # when it closes before the event begins
                journal.event(ParamsLogged({"a": 1}))
    finally:
        signal.signal(signal.SIGALRM, before)
    live = read_live(directory)
    assert (live.run.status, live.run.params, live.problems) == ("interrupted", {"a": 1}, ())


def test_signal_handler_may_log(journal: Journal, directory: Path) -> None:
    """A handler that logs in the middle of a point harms nothing."""
    over = threading.Event()

    def handler(*_: object) -> None:
        journal.point("beat", 1.0)
        journal.event(ParamsLogged({"seen": True}))
        if not over.is_set():  # an alarm set after the end would meet no handler, and kill
            signal.setitimer(signal.ITIMER_REAL, 0.0003)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0003)
    try:
        for number in range(20_000):
            journal.point("loss", number)
            if number % 10 == 0:
                journal.event(ParamsLogged({f"p{number}": number}))
    finally:
        over.set()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert sorted(values(directory)) == list(map(float, range(20_000)))
    live = read_live(directory)
    assert (len(live.run.params), live.problems) == (2_001, ())
    assert len(values(directory, "beat")) > 1


KILLED = """
j = Journal(directory)
j.event(Started(Run('20261124-000000-abcdefgh')))
os.write(1, b'%9d\\n' % 0)
for n in range(1, 10**8):
    j.point('loss', n, n)
    if n % 100 == 0: j.event(ParamsLogged({'p%d' % n: n}))
    if n % 50 == 0: os.write(1, b'%9d\\n' % n)
"""


@pytest.mark.parametrize("round_", range(20))
def test_sigkill_loses_nothing_acknowledged(tmp_path: Path, round_: int) -> None:
    """Whenever it is killed, what it said it has logged is there."""
    chance = random.Random(round_)
    process = child(KILLED, tmp_path)
    assert process.stdout
    process.stdout.readline()
    deadline = time.monotonic() + chance.random() * 0.05
    data = bytearray()
    while time.monotonic() < deadline:
        data += os.read(process.stdout.fileno(), 4096)
    process.kill()
    data += process.stdout.read()
    process.stdout.close()
    process.wait()
    acknowledged = int(data.split(b"\n")[-2]) if b"\n" in data else 0
    live = read_live(tmp_path)
    steps = list(live.series[0].steps) if live.series else []
    assert not live.alive
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= acknowledged
    assert {f"p{n}" for n in range(100, acknowledged + 1, 100)} <= set(live.run.params)
