"""A file that is hashed while somebody sends it."""

from __future__ import annotations

import hashlib
import queue
import threading
from typing import TYPE_CHECKING, BinaryIO

from gittrack.artifacts.drivers.base import mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.artifacts.drivers.base import Moved, Put

_AHEAD = 16  # chunks that may wait to be hashed
_LARGEST = 1 << 20  # bytes of one read, so that 16 of them are no burden


class HashedFile:
    """The file of a `Put`, to be read once from its start to its end; hashed in another thread.

    A sender may ask for its size by `seek` and `tell`, and may seek back to where it has read up to.

    Args:
        item: what to send.
        moved: called with the number of bytes that were read since the last call.
    """

    def __init__(self, item: Put, moved: Moved) -> None:
        self._item = item
        self._moved = moved
        self._file: BinaryIO = item.source.open("rb")
        self._hashed = 0
        self._digest = hashlib.sha256()
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._thread: threading.Thread | None = None

    def __enter__(self) -> HashedFile:  # noqa: PYI034  typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(_LARGEST):
            yield chunk

    def __len__(self) -> int:
        return self.size

    @property
    def size(self) -> int:
        """Of the file, in bytes."""
        here = self._file.tell()
        size = self._file.seek(0, 2)
        self._file.seek(here)
        return size

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._file.read(_LARGEST if size < 0 else min(size, _LARGEST))
        if chunk:
            self._hash(chunk)
            self._moved(len(chunk))
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to where the size can be told, or back to where reading stopped."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where reading is."""
        return self._file.tell()

    def check(self) -> int:
        """All was read: see whether it was what it should be.

        Returns:
            Its size in bytes.

        Raises:
            DigestMismatch: it was not.
        """
        self._finish()
        if self._item.sha256 not in {None, found := self._digest.hexdigest()}:
            raise mismatch(self._item, found)
        return self._hashed

    def close(self) -> None:
        """Let go of the file and the thread."""
        self._finish()
        self._file.close()

    def _hash(self, chunk: bytes) -> None:
        self._hashed += len(chunk)
        if self._item.sha256 is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gittrack-hash", daemon=True)
            self._thread.start()
        self._chunks.put(chunk)

    def _run(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            self._digest.update(chunk)

    def _finish(self) -> None:
        if self._thread is not None:
            self._chunks.put(None)
            self._thread.join()
            self._thread = None
