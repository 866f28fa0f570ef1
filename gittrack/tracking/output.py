"""The output of a command as it is kept: redacted, and its middle left out where it is long."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LINE = 1 << 16  # a longer line is taken in pieces


class Redacting(Protocol):
    """Redacts a stream piece by piece."""

    def feed(self, data: bytes, /) -> bytes:
        """Take whole lines; gives what may be written now."""

    def close(self) -> bytes:
        """What was held back. More may be fed afterwards."""


class KeptOutput:
    """A file with the first half and the last half of what a limit allows.

    The first half is on the disk line by line as it comes. Whole lines are redacted and written, so
    that two streams do not cut each other's lines.

    Args:
        path: the file, made when the first line comes.
        limit: bytes to keep, before redaction.
        redacting: what hides secrets.

    Attributes:
        left_out: bytes left out, known after :meth:`close`.
        problem: why not everything is kept, None otherwise.
    """

    def __init__(self, path: Path, limit: int, redacting: Redacting) -> None:
        self.path = path
        self.left_out = 0
        self.problem: OSError | None = None
        self._half = max(1, limit // 2)
        self._redacting = redacting
        self._closed = False
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._room = self._half
        self._tail: deque[bytes] = deque()
        self._tail_size = 0

    def channel(self) -> LineSink:
        """What takes the bytes of one stream."""
        return LineSink(self.add)

    def add(self, lines: bytes) -> None:
        """Keep some whole lines."""
        with self._lock:
            if self._closed:
                return
            if self._room:
                lines = self._head(lines)
            if lines:
                self._tail.append(lines)
                self._tail_size += len(lines)
                while self._tail_size - len(self._tail[0]) >= self._half:
                    gone = len(self._tail.popleft())
                    self.left_out += gone
                    self._tail_size -= gone

    def close(self) -> None:
        """Write the last half. What comes later is not kept."""
        with self._lock:
            self._closed = True
            tail = b"".join(self._tail)
            self._tail.clear()
            if len(tail) > self._half:
                start = _line_after(tail, len(tail) - self._half)
                self.left_out += start
                tail = tail[start:]
            if self.left_out:
                self._write(self._redacting.close())
                self._write(f"[gittrack left out {self.left_out:,} bytes here]\n".encode())
            self._write(self._redacting.feed(tail) + self._redacting.close())
            if self._file is not None:
                self._file.close()
                self._file = None

    def _head(self, lines: bytes) -> bytes:
        """Write what still goes into the first half; gives the rest."""
        if len(lines) <= self._room:
            self._room -= len(lines)
            cut = len(lines)
        else:
            cut = lines.rfind(b"\n", 0, self._room) + 1
            self._room = 0
        if cut:
            self._write(self._redacting.feed(lines[:cut]))
        return lines[cut:]

    def _write(self, data: bytes) -> None:
        if self.problem is not None or not data:
            return
        try:
            if self._file is None:
                self._file = self.path.open("wb", buffering=0)
            self._file.write(data)
        except OSError as error:
            self.problem = error


class LineSink:
    """Cuts a stream into whole lines; a carriage return ends one too.

    Args:
        take: gets them, line ends included, many at a time.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._partial = b""

    def write(self, chunk: bytes) -> None:
        """Take some bytes."""
        cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if cut:
            self._take(self._partial + chunk[:cut] if self._partial else chunk[:cut])
            self._partial = chunk[cut:]
        else:
            self._partial += chunk
        if len(self._partial) > _LINE:
            self.close()

    def close(self) -> None:
        """Take what has no line end."""
        if self._partial:
            self._take(self._partial)
            self._partial = b""


def _line_after(data: bytes, offset: int) -> int:
    """Where the first line begins at or after an offset; the offset itself when that is far."""
    if data[offset - 1 : offset] == b"\n":
        return offset
    found = data.find(b"\n", offset, offset + _LINE) + 1
    return found or offset
