"""Follows a live run: each look reads only what was added since the one before.

`read_live` reads everything, which is right for a commit and too much for a look every second at
fifty runs with a million points each.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from gittrack.core.events import Ended, Started, fold
from gittrack.store.journal.lines import JournalLines
from gittrack.store.journal.live import in_order, is_alive
from gittrack.store.journal.points import HEADER, MAGIC, RECORD
from gittrack.store.journal.tail import Point, Tail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from gittrack.core.events import Event
    from gittrack.core.records import Run

_MS = 1_000_000
_SMALL, _LARGE = 128 * RECORD.size, 4096 * RECORD.size  # what is read at once: little first, then much


class _Lines:
    """One file of lines, and how far it was read."""

    def __init__(self, name: str) -> None:
        self.journal = JournalLines(name, 0, alive=True)
        self.offset = 0
        self._taken: dict[tuple[str, int], int] = {}

    def read(self, path: Path) -> bool:
        """Read the whole lines that were added; whether there were any.

        Raises:
            FileNotFoundError: the file is gone.
            _Replaced: it is another one now.
        """
        size = path.stat().st_size
        if size < self.offset:
            raise _Replaced
        if size == self.offset:
            return False
        with path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(size - self.offset)
        whole = data.rfind(b"\n") + 1  # what follows the last newline is still being written
        self.offset += whole
        self.journal.read(data[:whole])
        return whole > 0

    def points(self) -> Iterator[tuple[str, int, list[Point]]]:
        """Points of `metric` lines that were added."""
        for where, one in self.journal.series.items():
            start = self._taken.get(where, 0)
            if start < len(one):
                self._taken[where] = len(one)
                new = zip(one.steps[start:], one.values[start:], one.times[start:], strict=True)
                yield (*where, [Point(step, value, time // _MS) for step, value, time in new])


class _Replaced(Exception):
    """A file is not the one that was read before."""


class Follower:
    """One live run, seen again and again.

    Args:
        directory: of the live run.

    Attributes:
        directory: the same.
        gone: whether the directory is not there any more: the run was committed.
        alive: whether a process writes to it.
        ended: whether it came to its end.
        tails: its metrics by name and rank.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.gone = False
        self.alive = False
        self._reset()

    def _reset(self) -> None:
        self.ended = False
        self.tails: dict[tuple[str, int], Tail] = {}
        self._lines: dict[str, _Lines] = {}
        self._offsets: dict[str, int] = {}
        self._run: Run | None = None
        self._made: Run | None = None

    def poll(self) -> bool:
        """Read what was added; whether anything was."""
        changed = self._poll()
        if changed:
            self._made = None
        return changed

    def _poll(self) -> bool:
        try:
            names = sorted(entry.name for entry in self.directory.iterdir())
            self.alive = is_alive(self.directory)
            return self._read(names)
        except (FileNotFoundError, NotADirectoryError):
            self.gone, self.alive = True, False
            return True
        except _Replaced:  # the files were taken away and written anew
            self._reset()
            return True

    @property
    def run(self) -> Run | None:
        """The run as far as it has come, metrics included; None before it says how it starts."""
        if self._made is None and self._run is not None:
            lowest: dict[str, Tail] = {}
            for where in sorted(self.tails):
                if self.tails[where].count:
                    lowest.setdefault(where[0], self.tails[where])
            metrics = {key: one.summary() for key, one in lowest.items()}
            self._made = dataclasses.replace(self._run, metrics=metrics)
        return self._made

    def _read(self, names: list[str]) -> bool:
        changed = False
        for name in names:
            if name.endswith(".jsonl"):
                lines = self._lines.setdefault(name, _Lines(name))
                changed |= lines.read(self.directory / name)
        if changed:
            self._take_lines()
        for name in names:
            if name.endswith(".points"):
                changed |= self._read_segment(name)
        return changed

    def _take_lines(self) -> None:
        for lines in self._lines.values():
            for key, rank, points in lines.points():
                self._tail(key, rank).add(points)
        journals = [one.journal for one in self._lines.values()]
        journals.sort(key=lambda journal: not journal.begins)
        events: list[Event] = in_order(journals)
        if events and isinstance(events[0], Started):
            self._run = fold(events[0].run, events[1:])
            self.ended = any(isinstance(event, Ended) for event in events)

    def _read_segment(self, name: str) -> bool:
        path, offset = self.directory / name, self._offsets.get(name, 0)
        journal = self._lines.get(f"{name.partition('.')[0]}.jsonl")
        if journal is None or (offset and path.stat().st_size < offset + RECORD.size):
            return False
        with path.open("rb") as file:
            if not offset:
                if not file.read(HEADER.size).startswith(MAGIC):
                    return False
                offset = HEADER.size
            file.seek(offset)
            return self._read_records(file, name, offset, journal.journal)

    def _read_records(self, file: IO[bytes], name: str, offset: int, journal: JournalLines) -> bool:
        begun, block = offset, _SMALL
        while data := file.read(block):
            used = self._take_records(data[: len(data) // RECORD.size * RECORD.size], journal)
            offset += used
            if used < block:
                break
            block = _LARGE
        self._offsets[name] = offset
        return offset > begun

    def _take_records(self, data: bytes, journal: JournalLines) -> int:
        """Take in records; how many bytes of them are done with.

        One with sequence 0 is free, or torn where others follow. One whose key has no name yet comes
        again at the next look, with all that follow.
        """
        found: dict[int, list[Point]] = {}
        used = 0
        written = -(-len(data.rstrip(b"\0")) // RECORD.size) * RECORD.size  # what is free is zeros
        data = data[:written]
        for place, (value, step, time, number, sequence) in enumerate(RECORD.iter_unpack(data), 1):
            if not sequence:
                continue
            if number not in journal.keys:
                break
            found.setdefault(number, []).append(Point(step, value, time // _MS))
            used = place
        for number, points in found.items():
            self._tail(journal.keys[number], journal.rank).add(points)
        return used * RECORD.size

    def _tail(self, key: str, rank: int) -> Tail:
        tail = self.tails.get((key, rank))
        if tail is None:
            tail = self.tails[key, rank] = Tail(key, rank)
        return tail
