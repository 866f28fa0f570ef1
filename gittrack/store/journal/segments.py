"""All points files of one writer, and which thread writes to which."""

from __future__ import annotations

from itertools import count
from operator import length_hint
from typing import TYPE_CHECKING

from gittrack.store.journal.points import LARGEST, SMALLEST, Segment

if TYPE_CHECKING:
    from pathlib import Path

MOST_WAITING = 64 * 1024 * 1024


class Segments:
    """The points files of one writer. Not thread-safe: the journal guards it.

    Attributes:
        failure: why the last segment could not be a file, None when it could.
    """

    def __init__(self, directory: Path, writer: str) -> None:
        self.failure: OSError | None = None
        self._directory = directory
        self._writer = writer
        self._names = count(1)
        self._lanes = count(1)
        self._open: list[Segment] = []
        self._full: list[Path] = []
        self._waiting: list[Segment] = []
        self._idle: list[tuple[int, Segment | None]] = []

    @property
    def waiting(self) -> int:
        """How many segments are only in memory."""
        return sum(not segment.saved for segment in self._waiting)

    def lease(self) -> Lease:
        """A place for one thread: that of a thread that has ended, or a new one."""
        lane, segment = self._idle.pop() if self._idle else (next(self._lanes), None)
        return Lease(self, lane, segment, self._idle)

    def after(self, old: Segment | None, lane: int) -> Segment | None:
        """The segment that follows in a lane: a file, else memory, None when that is used up too."""
        if old is not None:
            self._finish(old)
        size = SMALLEST if old is None or old.buffer is None else min(2 * len(old.buffer), LARGEST)
        path = self._directory / f"{self._writer}.{next(self._names)}.points"
        try:
            segment = Segment.create(path, lane, size)
        except OSError as error:
            self.failure = error
            return self._in_memory(path, lane, size)
        self.failure = None
        self._open.append(segment)
        return segment

    def broken(self, segment: Segment, error: OSError) -> Segment | None:
        """What follows a segment that takes no more because its file does not."""
        self.failure = error
        _discard(self._open, segment)
        path = self._directory / f"{self._writer}.{next(self._names)}.points"
        return self._in_memory(path, segment.lane, SMALLEST)

    def save(self, *, final: bool = False) -> None:
        """Write the segments in memory to their files.

        Args:
            final: those too that were written before; a thread may have been in the middle of a point.

        Raises:
            OSError: it is still not possible.
        """
        for segment in self._waiting:
            if final or not segment.saved:
                segment.retire()
                segment.save()
                segment.saved = True

    def forget_files(self) -> None:
        """Somebody removed the files: what is in mapped memory waits to be written anew."""
        for segment in self._open:
            segment.saved = False
        self._waiting += [segment for segment in self._open if segment.buffer is not None]
        self._open.clear()
        self._full.clear()

    def to_sync(self) -> list[Path]:
        """The files that changed since the last call."""
        paths, self._full = self._full, []
        for segment in self._open:
            left = length_hint(segment.slots)
            if left != segment.left_at_sync or segment.buffer is None:
                segment.left_at_sync = left
                paths.append(segment.path)
        return paths

    def _in_memory(self, path: Path, lane: int, size: int) -> Segment | None:
        used = sum(len(segment.buffer or b"") for segment in self._waiting)
        if used + size > MOST_WAITING:
            return None
        segment = Segment.in_memory(path, lane, size)
        self._waiting.append(segment)
        return segment

    def _finish(self, segment: Segment) -> None:
        """The thread that owns the segment leaves it."""
        if _discard(self._open, segment):
            self._full.append(segment.path)
        elif segment in self._waiting:
            try:
                segment.save()
            except OSError as error:
                self.failure = error
            else:
                _discard(self._waiting, segment)
                self._full.append(segment.path)


def _discard(segments: list[Segment], segment: Segment) -> bool:
    """Remove it if it is there, in one step: a signal handler may do the same."""
    try:
        segments.remove(segment)
    except ValueError:
        return False
    return True


class Lease:
    """The place of one thread; goes back when the thread ends.

    Attributes:
        segment: where it writes, None before the first point.
    """

    def __init__(
        self,
        segments: Segments,
        lane: int,
        segment: Segment | None,
        idle: list[tuple[int, Segment | None]],
    ) -> None:
        self.segment = segment
        self._lane = lane
        self._segments = segments
        self._idle = idle

    def put(self, value: float, step: int, time_ns: int, number: int) -> bool:
        """Write one point, in a new segment when the last one is full; False when there is no room."""
        segment = self.segment
        try:
            if segment is not None and segment.put(value, step, time_ns, number):
                return True
        except OSError as error:
            self.segment = self._segments.broken(segment, error) if segment else None
        else:
            self.segment = self._segments.after(segment, self._lane)
        return self.segment is not None and self.segment.put(value, step, time_ns, number)

    def __del__(self) -> None:
        self._idle.append((self._lane, self.segment))
