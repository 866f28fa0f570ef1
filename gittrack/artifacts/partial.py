"""An object on its way from a store: a file that grows, is hashed meanwhile, and becomes an object.

`<digest>.part` in the folder of the local store holds what came so far. A download that broke goes on
where it stopped; two processes that want the same object take turns.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from gittrack.artifacts.content import CHUNK, Stored
from gittrack.core.files import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.artifacts.objects import Objects

_PAUSE = 0.05  # seconds between two looks at a part that another process is loading


class Part:
    """A claimed part file.

    Attributes:
        path: the file; exists, and nobody else writes to it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size

    def clear(self) -> None:
        """Throw away what is there."""
        os.truncate(self.path, 0)

    def become_object(self, into: Objects, stored: Stored) -> None:
        """Make it an object; its content was hashed."""
        if sys.platform == "win32":
            self.release()  # an open file cannot be renamed there
        into.adopt(self.path, stored)

    def release(self) -> None:
        """Let others have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextlib.contextmanager
def claimed(into: Objects, sha256: str) -> Iterator[Part | None]:
    """The part file of an object, for this thread alone; None when the object is here by now."""
    part = _claim(into, sha256)
    try:
        yield part
    finally:
        if part is not None:
            with contextlib.suppress(FileNotFoundError):
                if part.size == 0:
                    part.path.unlink()
            part.release()


def _claim(into: Objects, sha256: str) -> Part | None:
    path = into.part_of(sha256)
    into.root.mkdir(parents=True, exist_ok=True)
    while not into.has(sha256):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if _free(descriptor) and _is(path, descriptor):
            return Part(path, descriptor)
        os.close(descriptor)
        time.sleep(_PAUSE)
    return None


def _free(descriptor: int) -> bool:
    try:
        return try_lock(descriptor)
    except OSError:  # a file system without locks: at worst both load it, and the digest says so
        return True


def _is(path: Path, descriptor: int) -> bool:
    """Whether the open file still has that name: its last owner may have made it an object."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


class Tail:
    """Hashes a file in a thread of its own while it grows at the end.

    Args:
        path: the file; what is there already is hashed, too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._more = threading.Event()
        self._complete = False
        self._stored: Stored | None = None
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="gittrack-hash", daemon=True)
        self._thread.start()

    def grown(self) -> None:
        """There may be more to hash."""
        self._more.set()

    def finish(self) -> Stored:
        """The digest and size of the file, which does not grow any more.

        Raises:
            OSError: it cannot be read.
        """
        self._complete = True
        self._more.set()
        self._thread.join()
        if self._stored is None:
            raise self._error or OSError
        return self._stored

    def _run(self) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            with self._path.open("rb", buffering=0) as file:
                while True:
                    complete = self._complete  # asked before reading: then an end is the end
                    chunk = file.read(CHUNK)
                    digest.update(chunk)
                    size += len(chunk)
                    if not chunk and complete:
                        break
                    if not chunk:
                        self._more.wait()
                        self._more.clear()
        except OSError as error:
            self._error = error
        else:
            self._stored = Stored(digest.hexdigest(), size)
