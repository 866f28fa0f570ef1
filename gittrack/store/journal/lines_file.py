"""The file of JSON lines that one writer of a live run appends to."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
from collections import deque
from typing import TYPE_CHECKING

from gittrack.core.files import try_lock
from gittrack.core.text import dump_json
from gittrack.core.times import now_ms
from gittrack.store.journal.points import append_whole, cut_off

if TYPE_CHECKING:
    from pathlib import Path

_OPEN = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class JournalFile:
    """Lines of one writer, in order; its lock says that the writer lives.

    A line that cannot be written (disk full, folder gone) is kept and goes first when it becomes
    possible. The file appears under its name already locked and with its first line, so that nobody
    takes a run that just begins for an abandoned one. Not thread-safe: the journal guards it.

    Args:
        directory: the live run; it must exist.
        writer: name of the file, without `.jsonl`.
        rank: of the process.
    """

    def __init__(self, directory: Path, writer: str, rank: int) -> None:
        self.path = directory / f"{writer}.jsonl"
        self.waiting: deque[bytes] = deque()
        self._rank = rank
        self._descriptor: int | None = None
        self._restored = b""
        self._synced = 0
        self._closed = False

    def flush(self, line: bytes = b"") -> None:
        """Write what waits, then one more line (newline included).

        Raises:
            OSError: not possible now; the line waits.
        """
        if line:
            self.waiting.append(line)
        if self._descriptor is None and not self._closed:
            self._open()
        while self.waiting:
            self._write_first()

    def _write_first(self) -> None:
        """Write the first line that waits.

        A signal handler may log too, between any two steps: it finds a line either waiting or
        written, and a descriptor that it closed is not used any more.
        """
        try:
            line = self.waiting.popleft()
        except IndexError:
            return
        try:
            written = os.write(-1 if self._descriptor is None else self._descriptor, line)
            if written < len(line):
                cut_off(-1 if self._descriptor is None else self._descriptor, written)
        except OSError:
            self.waiting.appendleft(line)
            raise

    def to_sync(self) -> list[Path]:
        """The file, when it grew since the last call."""
        descriptor = self._descriptor
        if descriptor is None:
            return []
        size = os.fstat(descriptor).st_size
        changed, self._synced = size != self._synced, size
        return [self.path] if changed else []

    def take_back(self) -> bool:
        """Whether somebody removed the file; what it held is then kept for the next one."""
        descriptor = self._descriptor
        if descriptor is None or os.fstat(descriptor).st_nlink:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        self._restored = os.read(descriptor, os.fstat(descriptor).st_size)
        self._release()
        return True

    def close(self) -> None:
        """Close the file for good, which frees its lock. What waits is not written."""
        self._closed = True
        self._release()

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _open(self) -> None:
        temporary = self.path.with_name(f".{self.path.name}.tmp")
        temporary.unlink(missing_ok=True)
        if self.path.exists():  # what is there would be lost
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path))
        descriptor = os.open(temporary, _OPEN, 0o666)
        try:
            with contextlib.suppress(OSError):  # no locks there: it counts as alive (core.files.is_locked)
                try_lock(descriptor)
            append_whole(descriptor, self._restored or self._first_line())
            temporary.replace(self.path)
        except BaseException:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)
            raise
        self._restored = b""
        self._descriptor = descriptor

    def _first_line(self) -> bytes:
        body = {
            "event": "writer",
            "pid": os.getpid(),
            "host": platform.node(),
            "rank": self._rank,
            "time": now_ms(),
        }
        return dump_json(body) + b"\n"
