"""Contents by their SHA-256 in a store.

::

    <artifacts.url>/sha256/<first two digits>/<digest>

Objects are immutable and only ever created. 256 folders keep a listing of any of them short at a
million objects, on stores that have folders.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from gittrack.artifacts.content import Stored, digest_of
from gittrack.artifacts.digests import is_digest, sharded
from gittrack.artifacts.failures import DigestMismatch, ObjectMissing
from gittrack.artifacts.partial import Tail, claimed
from gittrack.artifacts.presence import present
from gittrack.artifacts.remote import Get, Put

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Mapping

    from gittrack.artifacts.content import Moved
    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.partial import Part
    from gittrack.artifacts.remote import Entry, Remote

FOLDER = "sha256"
_TAILED = 4_000_000  # bytes; a smaller object is hashed when it is there


def name_of(sha256: str) -> str:
    """The name of an object below the URL of a store.

    Raises:
        InvalidValue: that is no digest.
    """
    return f"{FOLDER}/{sharded(sha256)}"


class RemoteObjects:
    """The objects of a store; several threads may use it at once.

    Every method raises a `StoreError` when the store refuses or cannot be reached.

    Args:
        remote: the store.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def has_many(self, digests: Collection[str], *, jobs: int = 8) -> dict[str, Entry]:
        """Which of some objects are in the store.

        Args:
            digests: what to look for.
            jobs: how many requests to have under way at once.
        """
        return present(self, set(digests), jobs)

    def stat(self, sha256: str) -> Entry | None:
        """Size and time of an object, None when it is not in the store."""
        return self.remote.stat(name_of(sha256))

    def list(self, shard: str = "") -> Iterator[tuple[str, Entry]]:
        """The objects of the store, or those whose digest begins with two digits; other files apart."""
        for entry in self.remote.list(f"{FOLDER}/{shard}" if shard else FOLDER):
            sha256 = entry.name.rpartition("/")[2]
            if is_digest(sha256) and entry.name == name_of(sha256):
                yield sha256, entry

    def put(self, objects: Objects, sha256: str, *, renew: bool = False, moved: Moved | None = None) -> bool:
        """Send an object, whole and verified or not at all.

        Args:
            objects: where it is.
            sha256: the object.
            renew: send it although it is there, so that it counts as new.
            moved: called with the number of bytes that were sent since the last call.

        Returns:
            False when it was in the store already.

        Raises:
            FileNotFoundError: it is not here.
            DigestMismatch: what is here no longer has the digest.
        """
        path = objects.path_of(sha256)
        return self.remote.put_file(path, name_of(sha256), sha256=sha256, replace=renew, progress=moved)

    def put_many(
        self, objects: Objects, digests: Iterable[str], *, jobs: int = 8
    ) -> Generator[tuple[str, bool], None, None]:
        """Send small objects fast; what `put` would return for each, in the order they are done.

        After an error no further one is begun; those that were sent stay.
        """
        items = [Put(objects.path_of(sha256), name_of(sha256), sha256) for sha256 in digests]
        with contextlib.closing(self.remote.put_many(items, jobs=jobs)) as sending:
            for item, new in sending:
                yield item.source.name, new

    def read(self, sha256: str) -> bytes:
        """The content of an object, verified.

        Raises:
            ObjectMissing: it is not in the store.
            DigestMismatch: it has another digest.
        """
        content = self.remote.read(name_of(sha256))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise self._mismatch(sha256)
        return content

    def fetch_many(
        self, sizes: Mapping[str, int], into: Objects, *, jobs: int = 8
    ) -> Generator[tuple[str, bool], None, None]:
        """Get small objects into a local store fast; True for each, in the order they are done.

        After an error no further one is asked for; those that came stay. Nothing of the others is kept.

        Args:
            sizes: digests and sizes in bytes.
            into: where to.
            jobs: as in `has_many`.

        Raises:
            ObjectMissing: one is not in the store.
            DigestMismatch: one is not what it should be.
        """
        items = [Get(name_of(sha256), size) for sha256, size in sizes.items()]
        with contextlib.closing(self.remote.get_many(items, jobs=jobs)) as coming:
            for item, content in coming:
                sha256 = item.name.rpartition("/")[2]
                stored = Stored(hashlib.sha256(content).hexdigest(), len(content))
                if stored.sha256 != sha256:
                    raise self._mismatch(sha256)
                into.keep(content, stored)
                yield sha256, True

    def fetch(self, sha256: str, into: Objects, *, moved: Moved | None = None) -> bool:
        """Get an object into a local store, whole and verified or not at all.

        What came before the download broke is kept, and the next one goes on from there.

        Returns:
            False when it was in the local store already.

        Raises:
            ObjectMissing: it is not in the store.
            DigestMismatch: it has another digest.
            OSError: the local store cannot be written.
        """
        with claimed(into, sha256) as part:
            if part is None:
                return False
            resumed = part.size > 0
            stored = self._load(sha256, part, moved)
            if stored.sha256 != sha256 and resumed:  # what was left from before may be wrong
                part.clear()
                stored = self._load(sha256, part, moved)
            if stored.sha256 != sha256:
                part.clear()
                raise self._mismatch(sha256)
            part.become_object(into, stored)
        return True

    def _load(self, sha256: str, part: Part, moved: Moved | None) -> Stored:
        """Load what is missing of a part; what it is then."""
        size = part.size
        if size:
            entry = self.stat(sha256)
            if entry is None:
                msg = f"{self.remote.url} has no object {sha256}"
                raise ObjectMissing(msg, hint="push it from a clone that has it")
            if entry.size < size:
                part.clear()
            elif entry.size == size:
                return _digest(part)
        tail: list[Tail] = []
        came = part.size

        def count(more: int) -> None:
            nonlocal came
            came += more
            if tail:
                tail[0].grown()
            elif came > _TAILED:
                tail.append(Tail(part.path))
            if moved:
                moved(more)

        try:
            self.remote.get_file(name_of(sha256), part.path, progress=count)
        finally:
            found = tail[0].finish() if tail else None
        return found or _digest(part)

    def verify(self, sha256: str, *, moved: Moved | None = None) -> bool:
        """Whether an object is in the store and has its digest; all of it is read.

        Args:
            sha256: the object.
            moved: called with the number of bytes that came since the last call.
        """
        digest = hashlib.sha256()
        try:
            for chunk in self.remote.stream(name_of(sha256)):
                digest.update(chunk)
                if moved:
                    moved(len(chunk))
        except ObjectMissing:
            return False
        return digest.hexdigest() == sha256

    def delete(self, digests: Iterable[str]) -> None:
        """Remove objects for good; those that are not there count as removed."""
        self.remote.delete(name_of(sha256) for sha256 in digests)

    def _mismatch(self, sha256: str) -> DigestMismatch:
        msg = f"an object in {self.remote.url} does not match its digest {sha256}"
        return DigestMismatch(msg, hint="gittrack artifacts verify names all such objects")


def _digest(part: Part) -> Stored:
    with part.path.open("rb") as file:
        return digest_of(file)
