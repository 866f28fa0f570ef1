"""Contents of files on this machine: copied and hashed in one pass, cloned where the file system can.

SHA-256 throughout, in hexadecimal. Reading, hashing and writing overlap: each of them leaves the
interpreter's lock, so a copy takes as long as the slower of hashing and writing, not the sum.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    Moved = Callable[[int], None]
    """Called with the number of bytes that were moved since the last call."""

CHUNK = 1 << 18  # stays in the cache of a core between reading, hashing and writing
_AHEAD = 16  # chunks that may wait to be written
_SETTLED = 60 * 10**9  # ns; a page written through mmap may stay dirty that long without a new time
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)


class Stored(NamedTuple):
    """A content: digest in hexadecimal, size in bytes."""

    sha256: str
    size: int


class Identity(NamedTuple):
    """Which file, and in which state: changes whenever the content does, a moment of the clock apart."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, file: BinaryIO) -> Identity:
        """That of an open file."""
        status = os.fstat(file.fileno())
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def same_content(self, other: Identity) -> bool:
        """Whether nobody wrote between the two; renaming or linking the file is no writing."""
        return self[:4] == other[:4]

    def settled(self) -> bool:
        """Whether the times tell states apart: the last change is a minute ago, on a disk of this machine.

        A file system without a block device (NFS, FUSE, tmpfs, overlays) may show old times, or none of
        what is written through mmap; its files are never settled.
        """
        if sys.platform != "linux" or os.major(self.device) == 0:
            return False
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) > _SETTLED


def is_regular(file: BinaryIO) -> bool:
    """Whether an open file is one that has a size and times, no pipe or device."""
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def digest_of(file: BinaryIO, moved: Moved | None = None) -> Stored:
    """What is left to read of an open file."""
    digest, size = hashlib.sha256(), 0
    buffer = memoryview(bytearray(CHUNK))
    while count := file.readinto(buffer):  # type: ignore[attr-defined]  # what `open(…, "rb")` gives has it
        digest.update(buffer[:count])
        size += count
        if moved:
            moved(count)
    return Stored(digest.hexdigest(), size)


def copy(source: BinaryIO, target: BinaryIO, moved: Moved | None = None) -> Stored:
    """Copy what is left to read of an open file to another, and hash it meanwhile.

    Of a file that grows while it is read, no more comes than it had at first.

    Raises:
        OSError: it cannot be read, or the other not be written.
    """
    digest, size = hashlib.sha256(), 0
    most = os.fstat(source.fileno()).st_size if is_regular(source) else sys.maxsize
    with _Writer(target) as writer:
        while chunk := source.read(min(CHUNK, most - size)):
            writer.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            if moved:
                moved(len(chunk))
    return Stored(digest.hexdigest(), size)


class _Writer:
    """Writes chunks in a thread of its own, in order; leaving the block waits for all and raises."""

    def __init__(self, target: BinaryIO) -> None:
        import queue  # here: nothing else needs it

        self._target = target
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gittrack-write", daemon=True)

    def __enter__(self) -> _Writer:  # noqa: PYI034  typing.Self is newer than Python 3.10
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._chunks.put(None)
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def write(self, chunk: bytes) -> None:
        if self._error is not None:
            raise self._error
        self._chunks.put(chunk)

    def _run(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            if self._error is None:
                try:
                    self._target.write(chunk)
                except BaseException as error:  # noqa: BLE001  raised again where the chunks come from
                    self._error = error


def duplicate(source: BinaryIO, target: Path, moved: Moved | None = None) -> Stored:
    """Make a new file with the content of an open one: a clone where the file system can, else a copy.

    Raises:
        FileExistsError: there is a file of that name.
        OSError: it cannot be read, or the other not be written.
    """
    if clone(source, target):
        with target.open("rb") as file:
            return digest_of(file, moved)
    with target.open("xb") as file:
        return copy(source, file, moved)


def clone(source: BinaryIO, target: Path) -> bool:
    """Make a new file that shares the blocks of an open one until either is written (a *reflink*).

    XFS, Btrfs, bcachefs, NFS 4.2 (Linux) and APFS (macOS) can. The clone is the file at one moment,
    whoever writes to it meanwhile.

    Returns:
        Whether the file system could; if not, there is no new file.

    Raises:
        FileExistsError: there is a file of that name.
    """
    try:
        _clone(source, target)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


if sys.platform == "linux":

    def _clone(source: BinaryIO, target: Path) -> None:
        import fcntl

        with target.open("xb") as file:
            try:
                fcntl.ioctl(file.fileno(), _FICLONE, source.fileno())
            except OSError:
                target.unlink()
                raise

elif sys.platform == "darwin":  # pragma: no cover  measured on Linux

    def _clone(source: BinaryIO, target: Path) -> None:
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        here = -2  # AT_FDCWD of <fcntl.h>
        if library.fclonefileat(source.fileno(), here, os.fsencode(target), 0) != 0:
            raise OSError(ctypes.get_errno(), "no clone")
        target.chmod(0o644)  # a clone there has the mode of the original, too

else:  # pragma: no cover

    def _clone(source: BinaryIO, target: Path) -> None:  # noqa: ARG001  where no file system can
        raise OSError
