"""Segments of binary records."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.store.journal import points
from gittrack.store.journal.points import HEADER, MAGIC, RECORD, SMALLEST, Segment, read_segment
from gittrack.store.journal.points_reader import Points

if TYPE_CHECKING:
    from pathlib import Path


def records(data: bytes) -> list[tuple[float, int, int, int]]:
    """The records of a segment that count."""
    return [one[:4] for one in read_segment(data)[1] if one[4]]


def test_segment_holds_what_was_put(tmp_path: Path) -> None:
    """Value, step, time and key come back, with the lane."""
    segment = Segment.create(tmp_path / "a.1.points", 7, SMALLEST)
    assert segment.put(0.5, -3, 9, 2)
    data = segment.path.read_bytes()
    assert read_segment(data)[0] == 7
    assert records(data) == [(0.5, -3, 9, 2)]


def test_full_segment_says_so(tmp_path: Path) -> None:
    """It takes as many records as fit behind the header."""
    segment = Segment.create(tmp_path / "a.1.points", 1, SMALLEST)
    fits = (SMALLEST - HEADER.size) // RECORD.size
    assert [segment.put(1.0, 1, 1, 1) for _ in range(fits + 1)] == [True] * fits + [False]
    assert len(records(segment.path.read_bytes())) == fits


def test_torn_record_does_not_count(tmp_path: Path) -> None:
    """A record without sequence is skipped, those behind it are not."""
    segment = Segment.create(tmp_path / "a.1.points", 1, SMALLEST)
    for number in range(3):
        segment.put(float(number), number, 1, 1)
    data = bytearray(segment.path.read_bytes())
    data[64 + 32 + 28 : 64 + 64] = bytes(4)
    assert [one[0] for one in records(bytes(data))] == [0.0, 2.0]


def test_segment_in_memory_is_saved(tmp_path: Path) -> None:
    """Its file is as good as a mapped one."""
    segment = Segment.in_memory(tmp_path / "a.1.points", 3, SMALLEST)
    segment.put(0.0, 0, 1, 1)
    segment.save()
    assert records(segment.path.read_bytes()) == [(0.0, 0, 1, 1)]


def test_retired_segment_takes_no_more(tmp_path: Path) -> None:
    """Its owner has to ask for another."""
    segment = Segment.in_memory(tmp_path / "a.1.points", 3, SMALLEST)
    segment.retire()
    assert not segment.put(0.0, 0, 1, 1)


def test_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    """A segment is always a new file."""
    (tmp_path / "a.1.points").touch()
    with pytest.raises(FileExistsError):
        Segment.create(tmp_path / "a.1.points", 1, SMALLEST)


def test_no_room_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk shows when the segment is made."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="full"):
        Segment.create(tmp_path / "a.1.points", 1, SMALLEST)
    assert not list(tmp_path.iterdir())


def test_without_preallocation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems that cannot allocate get zeros."""

    def unable(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "unable")

    monkeypatch.setattr(os, "posix_fallocate", unable, raising=False)
    segment = Segment.create(tmp_path / "a.1.points", 1, SMALLEST)
    segment.put(0.5, 1, 2, 3)
    assert records(segment.path.read_bytes()) == [(0.5, 1, 2, 3)]


def test_short_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line is worse than none."""
    path = tmp_path / "file"
    path.write_bytes(b"before\n")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    with pytest.raises(OSError, match="No space"):
        points.append_whole(descriptor, b"a whole line\n")
    os.close(descriptor)
    assert path.read_bytes() == b"before\n"


@pytest.mark.parametrize("data", [b"gittrack points 2\n" + bytes(100), MAGIC, b"\x01" * 4096])
def test_other_files_are_refused(data: bytes) -> None:
    """A file of another version or kind is named, not misread."""
    with pytest.raises(ValueError, match="not a points file"):
        read_segment(data)


@pytest.mark.parametrize("size", [0, 64, SMALLEST])
def test_file_without_header_yet_is_empty(size: int) -> None:
    """Its process died before the first point."""
    assert records(bytes(size)) == []


@given(st.binary(max_size=300))
def test_any_bytes_are_records_or_refused(data: bytes) -> None:
    """No content makes the reader fail in another way."""
    for start in (b"", MAGIC + bytes(46)):
        try:
            records(start + data)
        except ValueError:
            assert not start


def test_reader_names_what_it_cannot_read() -> None:
    """A broken segment hides no other."""
    reader = Points({})
    reader.read("w.1.points", b"garbage" * 20)
    reader.read("w.x.points", b"")
    good = Segment.in_memory(None, 1, SMALLEST)  # type: ignore[arg-type]  # no file needed
    good.put(0.5, 1, 2_000_000, 4)
    assert isinstance(good.buffer, bytearray)
    reader.read("w.2.points", bytes(good.buffer))
    (series,) = reader.series()
    assert (series.key, list(series.values), list(series.times)) == ("unnamed-4", [0.5], [2])
    assert reader.problems == [
        "w.x.points: not the name of a points file",
        "w.1.points: not a points file of this version",
        "w.jsonl: does not name metric 4",
    ]


def test_segments_of_a_lane_are_read_in_their_order() -> None:
    """Ten comes after nine, whatever the clock said."""
    reader = Points({})
    for number in (10, 9):
        one = Segment.in_memory(None, 1, SMALLEST)  # type: ignore[arg-type]  # no file needed
        one.put(float(number), number, 100 - number, 1)
        assert isinstance(one.buffer, bytearray)
        reader.read(f"w.{number}.points", bytes(one.buffer))
    assert list(reader.series()[0].values) == [9.0, 10.0]


def test_lanes_are_merged_by_time() -> None:
    """Points of two threads come as they were logged."""
    reader = Points({})
    for lane, times in ((1, (10, 30)), (2, (20, 40))):
        one = Segment.in_memory(None, lane, SMALLEST)  # type: ignore[arg-type]  # no file needed
        for time in times:
            one.put(float(time), time, time * 1_000_000, 1)
        assert isinstance(one.buffer, bytearray)
        reader.read(f"w.{lane}.points", bytes(one.buffer))
    assert list(reader.series()[0].times) == [10, 20, 30, 40]
