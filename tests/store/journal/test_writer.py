"""Journals keep everything that was acknowledged."""

from __future__ import annotations

import json
import os
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from gittrack.core.errors import GitTrackWarning, InvalidValue
from gittrack.core.events import Ended, ParamsLogged, Started
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.journal.writer import Journal
from tests.support.journals import RUN, child, values


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
    with pytest.warns(GitTrackWarning, match="after the end"):
        journal.point("loss", 0.5)
    journal.event(ParamsLogged({"a": 1}))
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
