"""Journals keep everything that was acknowledged."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitTrackWarning, InvalidValue
from gittrack.core.events import Ended, ParamsLogged, Started
from gittrack.core.records import Run
from gittrack.store import journal as journal_module
from gittrack.store.journal import Journal
from gittrack.store.live import is_alive, read_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUN = Run("20261124-000000-abcdefgh")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a run lives."""
    return tmp_path / "live" / RUN.id


@pytest.fixture
def journal(directory: Path) -> Iterator[Journal]:
    """The journal of a run that has started."""
    one = Journal(directory)
    one.event(Started(RUN))
    yield one
    one.close()


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


def child(body: str, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """A process that runs `body` with a journal of the directory in its first argument."""
    head = (
        "import os, sys, time\nfrom pathlib import Path\nfrom gittrack.core.events import *\n"
        "from gittrack.core.records import Run\nfrom gittrack.store.journal import Journal\n"
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
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_point_is_readable_at_once(journal: Journal, directory: Path) -> None:
    """What was logged can be read before anything is closed."""
    journal.point("loss", 0.5, 3, 1_795_492_993_123_456_789)
    (series,) = read_live(directory).series
    assert (series.key, series.steps[0], series.values[0]) == ("loss", 3, 0.5)
    assert series.times[0] == 1_795_492_993_123


def test_steps_are_counted(journal: Journal, directory: Path) -> None:
    """A point without step comes after the last one, per metric."""
    for step in (None, None, 7, None, 2, None):
        journal.point("loss", 0.5, step)
    journal.point("acc", 0.5)
    assert [list(one.steps) for one in read_live(directory).series] == [[0], [0, 1, 7, 8, 2, 3]]


def test_steps_go_on_from_an_earlier_attempt(directory: Path) -> None:
    """A resumed run counts on."""
    journal = Journal(directory, last_steps={"loss": 41})
    journal.event(Started(RUN))
    journal.point("loss", 0.5)
    journal.close()
    assert list(read_live(directory).series[0].steps) == [42]


def test_many_points_take_several_segments(journal: Journal, directory: Path) -> None:
    """A full segment is followed by a larger one, nothing is lost in between."""
    for number in range(5_000):
        journal.point("loss", number)
    assert values(directory) == list(map(float, range(5_000)))
    sizes = sorted(path.stat().st_size for path in directory.glob("*.points"))
    assert sizes == [32 << 10, 64 << 10, 128 << 10]


def test_no_point_no_segment(journal: Journal, directory: Path) -> None:
    """A run without metrics has no points file."""
    journal.event(ParamsLogged({"lr": 0.1}))
    assert not list(directory.glob("*.points"))


def test_float_likes_are_taken(journal: Journal, directory: Path) -> None:
    """NumPy scalars, and anything else that converts, are numbers."""
    numpy = pytest.importorskip("numpy")
    for value in (numpy.float32(0.5), numpy.int64(2), numpy.array(3.0), True, 10**20):
        journal.point("loss", value, numpy.int64(1))
    journal.point("loss", 7)
    assert values(directory) == [0.5, 2.0, 3.0, 1.0, 1e20, 7.0]
    assert read_live(directory).series[0].steps[-1] == 2


def test_whole_float_is_a_step(journal: Journal, directory: Path) -> None:
    """`step=3.0` is what some loops count in."""
    journal.point("loss", 0.5, 3.0)  # type: ignore[arg-type]  # what users do
    assert list(read_live(directory).series[0].steps) == [3]


@pytest.mark.parametrize("value", [None, "0.5", "x" * 200, [1], 1j, 10**400, object()])
def test_value_that_is_no_number(journal: Journal, directory: Path, value: Any) -> None:
    """It raises at once, with a hint, known key or not."""
    with pytest.raises(InvalidValue, match="not a real number") as error:
        journal.point("loss", value)
    journal.point("loss", 0.5)
    with pytest.raises(InvalidValue):
        journal.point("loss", value, 1)
    assert error.value.hint
    assert values(directory) == [0.5]


@pytest.mark.parametrize("key", [None, 3, "", "  ", "a\nb", "\x1b[31m", "x" * 251, "\ud800", ["a"]])
def test_key_that_is_no_name(journal: Journal, key: Any) -> None:
    """It raises at once, with a hint."""
    with pytest.raises(InvalidValue, match="not a name") as error:
        journal.point(key, 0.5)
    assert error.value.hint


@pytest.mark.parametrize("step", ["1", 1.5, 2**63, -(2**63) - 1, [1], float("nan")])
def test_step_that_is_no_integer(journal: Journal, step: Any) -> None:
    """It raises at once, and the step that follows is not harmed."""
    journal.point("loss", 0.5, 1)
    with pytest.raises(InvalidValue, match="step is not a whole number"):
        journal.point("loss", 0.5, step)
    journal.point("loss", 0.5)


def test_event_that_is_no_json(journal: Journal) -> None:
    """A value that JSON does not have is the caller's mistake."""
    with pytest.raises(InvalidValue, match="JSON"):
        journal.event(ParamsLogged({"model": object()}))


def test_threads_have_their_own_segments(journal: Journal, directory: Path) -> None:
    """All points of all threads are there."""

    def work(name: str) -> None:
        for number in range(2_000):
            journal.point(name, number)
            journal.point("shared", number)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        assert values(directory, f"t{number}") == list(map(float, range(2_000)))
    (shared,) = [one for one in read_live(directory).series if one.key == "shared"]
    assert sorted(shared.steps) == list(range(8_000))
    assert list(shared.times) == sorted(shared.times)


def test_ended_threads_leave_their_place(journal: Journal, directory: Path) -> None:
    """A thread a point does not make a file a point."""
    for number in range(20):
        thread = threading.Thread(target=journal.point, args=("loss", number))
        thread.start()
        thread.join()
    assert len(list(directory.glob("*.points"))) == 1
    assert values(directory) == list(map(float, range(20)))


def test_lock_ends_with_close(journal: Journal, directory: Path) -> None:
    """A run is alive while its journal is open."""
    assert is_alive(directory)
    journal.close()
    assert not is_alive(directory)


def test_close_twice(journal: Journal) -> None:
    """Closing again does nothing."""
    journal.close()
    journal.close()
    journal.sync()


def test_late_points_warn(journal: Journal, directory: Path) -> None:
    """What comes after the end warns once and is not kept."""
    journal.close()
    with pytest.warns(GitTrackWarning, match="after the end") as warned:
        journal.point("loss", 0.5)
        journal.event(ParamsLogged({"a": 1}))
    assert len(warned) == 1
    assert not read_live(directory).series


def test_file_appears_locked(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody ever sees a journal that is not locked yet."""
    seen: list[Any] = []
    replace = Path.replace

    def spy(self: Path, target: Path) -> Path:
        seen.append(list(directory.glob("*.jsonl")))
        moved = replace(self, target)
        seen.append(is_alive(directory))
        return moved

    monkeypatch.setattr(Path, "replace", spy)
    Journal(directory).close()
    assert seen == [[], True]


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
            "j = Journal(directory); j.event(Started(Run('20261124-000000-abcdefgh'))); j.point('loss', 1.0)\n"
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

    def test_fork_with_threads_at_work(self, journal: Journal, directory: Path) -> None:
        """A lock that another thread held at the moment of the fork does not stop the child."""
        stop = threading.Event()

        def work() -> None:
            number = 0
            while not stop.is_set():
                journal.point(f"m{number % 50}", number)
                number += 1

        thread = threading.Thread(target=work)
        thread.start()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("warnings.filters", [("ignore", None, DeprecationWarning, None, 0)])
                assert [in_fork(lambda: journal.point("child", 1.0)) for _ in range(10)] == [0] * 10
        finally:
            stop.set()
            thread.join()
        assert values(directory, "child") == [1.0] * 10


def test_signal_handler_may_end_the_run(journal: Journal, directory: Path) -> None:
    """A handler that closes the journal in the middle of an event leaves a clean end."""

    def handler(*_: object) -> None:
        journal.event(Ended("interrupted", 1))
        journal.close()

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.003)
    try:
        with pytest.warns(GitTrackWarning, match="after the end"):
            while True:
                journal.event(ParamsLogged({"a": 1}))
                if journal.closed:
                    journal.event(ParamsLogged({"late": 1}))
                    break
    finally:
        signal.signal(signal.SIGALRM, before)
    live = read_live(directory)
    assert (live.run.status, live.run.params, live.problems) == ("interrupted", {"a": 1}, ())


def test_signal_handler_may_log(journal: Journal, directory: Path) -> None:
    """A handler that logs in the middle of a point harms nothing."""

    def handler(*_: object) -> None:
        journal.point("beat", 1.0)
        journal.event(ParamsLogged({"seen": True}))
        signal.setitimer(signal.ITIMER_REAL, 0.0003)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0003)
    try:
        for number in range(20_000):
            journal.point("loss", number)
            if number % 10 == 0:
                journal.event(ParamsLogged({f"p{number}": number}))
    finally:
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


class TestTrouble:
    """A disk that takes nothing."""

    def test_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        """The journal works in memory, warns once, and writes all when it can."""
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning, match="waits in memory") as warned:
            journal = Journal(tmp_path / "file" / "run")
            journal.event(Started(RUN))
            for number in range(3_000):
                journal.point("loss", number)
        assert len(warned) == 1
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
        monkeypatch.setattr("gittrack.store.journal_segments.MOST_WAITING", 100_000)
        (tmp_path / "file").touch()
        with pytest.warns(GitTrackWarning) as warned:
            journal = Journal(tmp_path / "file" / "run")
            for number in range(10_000):
                journal.point("loss", number)
            journal.close()
        assert [str(one.message).split(":")[0] for one in warned][1] == "points are dropped"

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
                for number in range(1, 5_000):
                    journal.point("loss", number)
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

        monkeypatch.setattr("gittrack.store.points.mmap.mmap", refuse)
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
    monkeypatch.setattr(
        journal_module, "sync_paths", lambda paths: seen.append([path.suffix for path in paths])
    )
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
    monkeypatch.setattr("gittrack.store.journal_sync.SYNC_SECONDS", 0.01)
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
    monkeypatch.setattr("gittrack.store.journal_sync.SYNC_SECONDS", 0.01)
    journal = Journal(directory)
    journal._sync_due = 0
    journal.event(Started(RUN))
    journal._file.close()
    del journal
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "gittrack-sync"])


def test_first_line_says_who_writes(journal: Journal, directory: Path) -> None:
    """Host, process and rank are known before anything else."""
    first = json.loads((directory / f"{journal.writer}.jsonl").read_bytes().splitlines()[0])
    assert (first["event"], first["pid"], first["rank"]) == ("writer", os.getpid(), 0)
    assert first["host"]
    assert first["time"] > 0


def test_spawned_worker_joins(journal: Journal, directory: Path) -> None:
    """Another process with the same directory is one more writer."""
    process = child("j = Journal(directory, rank=1); j.point('loss', 2.0); j.close()", directory)
    process.communicate()
    journal.point("loss", 1.0)
    assert (values(directory), values(directory, rank=1)) == ([1.0], [2.0])


def test_end_has_its_own_time(journal: Journal, directory: Path) -> None:
    """The time of the line does not replace that of the event."""
    journal.event(Ended("finished", 12345))
    assert read_live(directory).run.end_time == 12345


def test_record_layout_is_what_the_docs_say(journal: Journal, directory: Path) -> None:
    """Other programs may read the file."""
    journal.point("loss", 0.5, 3, 7)
    (path,) = directory.glob("*.points")
    data = path.read_bytes()
    assert data[:18] == b"gittrack points 1\n"
    assert struct.unpack_from("<dqqII", data, 64) == (0.5, 3, 7, 1, 64)
