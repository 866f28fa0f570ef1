"""A file in parts that are sent side by side."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.artifacts.drivers.base import mismatch

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterator
    from concurrent.futures import Future
    from io import FileIO

    from gittrack.artifacts.drivers.base import Moved, Put

PART = 8 << 20
_MOST_PARTS = 10_000  # S3's limit; Azure takes 50,000
_PATIENCE = 10  # seconds for requests that were cancelled


class Part(NamedTuple):
    """A part of a file: its number from 0 on, where it begins, its bytes, and the size of the file."""

    number: int
    offset: int
    content: bytes
    total: int


def parts_of(item: Put, size: int, room: threading.Semaphore) -> Iterator[Part]:
    """The parts of a file; hashed while the one before is sent, the last one before it comes.

    Args:
        item: what to send.
        size: of the file in bytes, more than none.
        room: one is taken for each part; whoever sends it gives it back.

    Raises:
        DigestMismatch: instead of the last part, when the file is not what it should be.
    """
    digest = hashlib.sha256()
    length = PART * -(-size // (PART * _MOST_PARTS))
    with item.source.open("rb", buffering=0) as file:
        for number, offset in enumerate(range(0, size, length)):
            room.acquire()
            try:
                part = Part(number, offset, _read(file, item, min(length, size - offset)), size)
                last = offset + length >= size
                if last:
                    _check(file, item, digest, part)
            except BaseException:
                room.release()
                raise
            yield part
            if item.sha256 is not None and not last:
                digest.update(part.content)


def _read(file: FileIO, item: Put, size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise mismatch(item, "a shorter file")
    return content


def _check(file: FileIO, item: Put, digest: Any, part: Part) -> None:  # noqa: ANN401  of hashlib, which has no name for it
    if file.read(1):
        raise mismatch(item, "a longer file")
    if item.sha256 is not None:
        digest.update(part.content)
        if digest.hexdigest() != item.sha256:
            raise mismatch(item, digest.hexdigest())


class Body(io.BytesIO):
    """Bytes as a file: aiohttp warns of long bytes, and closes files, which may have to be sent again."""

    def close(self) -> None:
        """Stay open."""


class Sending:
    """The parts that are under way.

    Args:
        moved: called with the size of each that has arrived.
    """

    def __init__(self, moved: Moved) -> None:
        self.pending: dict[Future[Any], tuple[int, int]] = {}
        self._moved = moved
        self._results: dict[int, Any] = {}

    def add(self, future: Future[Any], part: Part) -> None:
        """A part was sent; raises what one that has arrived met."""
        self.pending[future] = (part.number, len(part.content))
        self._collect([one for one in self.pending if one.done()])

    def drain(self) -> None:
        """Wait for all; raises what one met."""
        while self.pending:
            self._collect(wait(self.pending, return_when=FIRST_COMPLETED).done)

    def results(self) -> list[Any]:
        """What the requests gave, in the order of the parts."""
        return [self._results[number] for number in sorted(self._results)]

    def _collect(self, done: Collection[Future[Any]]) -> None:
        for future in done:
            number, size = self.pending.pop(future)
            self._results[number] = future.result()
            self._moved(size)


def result_of(future: Future[Any]) -> Any:  # noqa: ANN401  what the request gave
    """Wait for a request; an interrupted wait cancels it."""
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def cancel(futures: Collection[Future[Any]]) -> None:
    """Break requests off, and wait until they are."""
    for future in futures:
        future.cancel()
    wait([future for future in futures if not future.cancelled()], timeout=_PATIENCE)
