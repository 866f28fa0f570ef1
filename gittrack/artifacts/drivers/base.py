"""What every driver of a store does, and the words they share."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from gittrack.artifacts.failures import DigestMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Moved = Callable[[int], None]
    """Called with the number of bytes that were moved since the last call."""

CHUNK = 1 << 20


class Entry(NamedTuple):
    """A file of a store.

    Attributes:
        name: relative to the URL of the store, with `/`.
        size: in bytes.
        modified: milliseconds since the epoch, None where the store does not say.
    """

    name: str
    size: int
    modified: int | None


class Put(NamedTuple):
    """A file to send.

    Attributes:
        source: where it is.
        name: what it becomes, relative to the URL of the store.
        sha256: what its content must be, None for anything.
    """

    source: Path
    name: str
    sha256: str | None = None


class Get(NamedTuple):
    """A small file to fetch.

    Attributes:
        name: relative to the URL of the store.
        size: how many bytes it should have; more are not fetched.
    """

    name: str
    size: int


class Driver(Protocol):
    """Files below one URL; blocking, several threads and forked processes may use it at once.

    Raises whatever its backend raises; `Remote` translates.

    Attributes:
        flat: an object store, with one listing of everything, rather than folders.
    """

    flat: bool

    def check(self) -> None:
        """Raise unless the bucket or folder is there and lets us in."""
        ...

    def stat(self, name: str) -> Entry | None:
        """A file, None when there is none."""
        ...

    def list(self, folder: str) -> Iterator[Entry]:
        """All files below a folder, "" for all, in any order; none when it does not exist."""
        ...

    def put_file(self, item: Put, *, replace: bool, moved: Moved) -> bool:
        """Send a file: all of it or none is ever seen. False when it was there and stayed.

        Raises:
            DigestMismatch: it is not what it should be; nothing was created.
        """
        ...

    def put_bytes(self, content: bytes, name: str) -> bool:
        """The same with a content."""
        ...

    def put_many(self, items: Sequence[Put], *, jobs: int) -> Iterator[tuple[Put, bool]]:
        """`put_file` for each, several at once, in any order."""
        ...

    def get_many(self, items: Sequence[Get], *, jobs: int) -> Iterator[tuple[Get, bytes]]:
        """The contents of small files, several at once, in any order; raises when one is not there."""
        ...

    def read_from(self, name: str, start: int) -> Iterator[bytes]:
        """The content of a file from an offset on, nothing where it ends before.

        Raises an error of the backend, or FileNotFoundError, when there is none or less comes than
        there is.
        """
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Remove files; those that are not there count as removed."""
        ...

    def close(self) -> None:
        """Give connections back; the next call opens new ones."""
        ...


class Unfinished(NamedTuple):
    """An upload in parts that was begun, and neither ended nor taken back.

    Attributes:
        name: what it would become, relative to the URL of the store.
        token: what the store calls it.
        modified: when it began, in milliseconds since the epoch; None where the store does not say.
    """

    name: str
    token: str
    modified: int | None


@runtime_checkable
class LeavesParts(Protocol):
    """A driver of a store that keeps the parts of an upload whose process was killed."""

    def unfinished(self) -> Iterator[Unfinished]:
        """Such uploads."""
        ...

    def give_up(self, upload: Unfinished) -> None:
        """Remove the parts of one."""
        ...


def mismatch(item: Put, found: str) -> DigestMismatch:
    """The error for a file that is not what its digest says."""
    msg = f"{item.source} does not match its digest: {item.sha256} expected, {found} found"
    return DigestMismatch(msg, hint="it was changed or damaged on this machine; nothing was sent")


def checked(item: Put, content: bytes) -> bytes:
    """The content of a file to send, if it is what it should be.

    Raises:
        DigestMismatch: it is not.
    """
    if item.sha256 is not None and (found := hashlib.sha256(content).hexdigest()) != item.sha256:
        raise mismatch(item, found)
    return content


def milliseconds(moment: datetime | float | str | None) -> int | None:
    """A time of a backend in milliseconds since the epoch; None where it says nothing that is one.

    Args:
        moment: a datetime (UTC where it has no zone), seconds, or text of ISO 8601.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
        except ValueError:
            return None
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return None if moment is None else round(moment * 1000)
