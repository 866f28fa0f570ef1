"""Points of metrics as fixed binary records, written into mapped memory.

A *segment* is a file `<writer>.<n>.points`: a header of 64 bytes (`gittrack points 1`, a newline, and
at offset 20 the number of its *lane* as u32), then records of 32 bytes, little-endian: value (f64),
step (i64), time in nanoseconds since the epoch (i64), key number (u32), sequence (u32). The sequence
is the record's offset in the file and is written last, so a record with sequence 0 is a free or torn
one and does not count. Space is allocated before it is mapped: a full disk shows when a segment is
made, never as a signal in the middle of a write. A lane is what one thread wrote: a chain of segments
whose order is the order of logging.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
from typing import TYPE_CHECKING, NoReturn

from gittrack.core.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORD = struct.Struct("<dqqII")
HEADER = struct.Struct("<18s2xI40x")
MAGIC = b"gittrack points 1\n"
SMALLEST = 32 * 1024
LARGEST = 4 * 1024 * 1024

_CANNOT_ALLOCATE = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_OPEN = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Segment:
    """Room for the points of one thread.

    Attributes:
        path: its file, or where it goes when it can be written.
        lane: number of the chain it belongs to.
        buffer: where records are packed: the mapped file, plain memory where there is no file, or
            None where records are appended to the file one by one.
        slots: offsets of the free records; taking one is atomic, a signal handler may log too.
        saved: whether what it holds is in its file.
        left_at_sync: how many slots were free when the file was last brought to the disk.
    """

    __slots__ = ("buffer", "lane", "left_at_sync", "path", "saved", "slots")

    def __init__(self, path: Path, lane: int, buffer: mmap.mmap | bytearray | None, *, saved: bool) -> None:
        self.path = path
        self.lane = lane
        self.buffer = buffer
        self.saved = saved
        self.left_at_sync = -1
        size = 0 if buffer is None else len(buffer)
        if buffer is not None:
            HEADER.pack_into(buffer, 0, MAGIC, lane)
        self.slots: Iterator[int] = iter(range(HEADER.size, size, RECORD.size))

    @classmethod
    def create(cls, path: Path, lane: int, size: int) -> Segment:
        """A segment on disk.

        Raises:
            OSError: there is no room, no folder, or no right to write.
        """
        descriptor = os.open(path, _OPEN, 0o666)
        try:
            buffer = _mapped(descriptor, size)
            if buffer is None:
                os.ftruncate(descriptor, 0)
                append_whole(descriptor, HEADER.pack(MAGIC, lane))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return cls(path, lane, buffer, saved=True)

    @classmethod
    def in_memory(cls, path: Path, lane: int, size: int) -> Segment:
        """A segment that waits for its file to become possible (:meth:`save`)."""
        return cls(path, lane, bytearray(size), saved=False)

    def put(self, value: float, step: int, time_ns: int, number: int) -> bool:
        """Write one point; False when the segment is full.

        Raises:
            OSError: it cannot be appended to the file.
        """
        if self.buffer is None:
            self._append(value, step, time_ns, number)
            return True
        offset = next(self.slots, 0)
        if offset:
            RECORD.pack_into(self.buffer, offset, value, step, time_ns, number, offset)
        return bool(offset)

    def _append(self, value: float, step: int, time_ns: int, number: int) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            offset = os.fstat(descriptor).st_size
            append_whole(descriptor, RECORD.pack(value, step, time_ns, number, offset))
        finally:
            os.close(descriptor)

    def retire(self) -> None:
        """Take all free slots, so that the thread that owns the segment asks for a new one."""
        for _ in self.slots:
            pass

    def save(self) -> None:
        """Write the file of a segment in memory, as it is now.

        Raises:
            OSError: it is still not possible.
        """
        if self.buffer is not None:
            write_atomic(self.path, bytes(self.buffer[:]).rstrip(b"\0") + bytes(RECORD.size))


def read_segment(data: bytes) -> tuple[int, Iterator[tuple[float, int, int, int, int]]]:
    """The lane of a segment and its records: value, step, time, key number, sequence.

    Records with sequence 0 are among them and do not count.

    Raises:
        ValueError: it is not a segment of this version.
    """
    used = len(data.rstrip(b"\0"))
    if not used:
        return 0, iter(())
    if not data.startswith(MAGIC) or len(data) < HEADER.size:
        msg = "not a points file of this version"
        raise ValueError(msg)
    count = (min(used + RECORD.size - 1, len(data)) - HEADER.size) // RECORD.size
    body = memoryview(data)[HEADER.size : HEADER.size + max(count, 0) * RECORD.size]
    lane: int = HEADER.unpack_from(data)[1]
    return lane, RECORD.iter_unpack(body)


def _mapped(descriptor: int, size: int) -> mmap.mmap | None:
    """Memory that is the file, None where the file system does not map files."""
    _allocate(descriptor, size)
    try:
        return mmap.mmap(descriptor, size)
    except (OSError, ValueError):
        return None


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError as error:
            if error.errno not in _CANNOT_ALLOCATE:
                raise
        else:
            return
    append_whole(descriptor, bytes(size))


def append_whole(descriptor: int, data: bytes) -> None:
    """Write all of it at the end of a file or, when there is no room, leave the file as it was.

    Raises:
        OSError: there is no room.
    """
    written = os.write(descriptor, data)
    if written < len(data):
        cut_off(descriptor, written)


def cut_off(descriptor: int, written: int) -> NoReturn:
    """Take back the bytes written last: there was room for a part only."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
