"""The files of a store below one URL: the only door to fsspec and its drivers."""

from __future__ import annotations

import contextlib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.artifacts import options as store_options
from gittrack.artifacts import urls
from gittrack.artifacts.drivers.base import Driver, Entry, Get, LeavesParts, Put, Unfinished
from gittrack.artifacts.failures import NoSuchStore, ObjectMissing, said, translated
from gittrack.artifacts.urls import plain_name, safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from io import FileIO

    Moved = Callable[[int], None]

__all__ = ["Entry", "Get", "Put", "Remote", "Unfinished"]

_BATCH = 1000  # names that are deleted in one request, where there is one for many


class Remote:
    """A store of files. Calls block; several threads, and forked processes, may use it at once.

    Every method raises a `StoreError` when the store refuses or cannot be reached; nothing else of a
    backend comes through. Names are relative to the URL, with `/`.

    Attributes:
        url: without credentials, for messages.
        flat: an object store, where one listing of everything is cheap, rather than folders.
    """

    def __init__(self, url: str, driver: Driver) -> None:
        self.url = url
        self.flat = driver.flat
        self._driver = driver

    @classmethod
    def open(cls, url: str, options: Mapping[str, Any] | None = None) -> Remote:
        """The store at a URL; nothing is reached yet.

        Args:
            url: `artifacts.url`.
            options: `artifacts.options`.

        Raises:
            InvalidValue: the URL is none or holds credentials, or an option cannot be.
            MissingDriver: a package is missing; the hint says which extra brings it.
        """
        from gittrack.artifacts.drivers import driver_for

        parsed = urls.parse(url)
        return cls(parsed.text, driver_for(parsed, store_options.check(parsed, options or {})))

    def __enter__(self) -> Remote:  # noqa: PYI034  typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give connections back; the next call opens new ones."""
        with contextlib.suppress(Exception):
            self._driver.close()

    def check(self) -> None:
        """Reach the store.

        Raises:
            NoSuchStore: the bucket or folder does not exist.
        """
        with self._translated(store=True):
            self._driver.check()

    def stat(self, name: str) -> Entry | None:
        """A file, None when there is none."""
        with self._translated():
            return self._driver.stat(safe_name(name))

    def list(self, prefix: str = "") -> Generator[Entry, None, None]:
        """All files below a folder, "" for all of them, in any order; none where it is missing."""
        folder = safe_name(prefix.rstrip("/")) if prefix.rstrip("/") else ""
        with self._translated(store=True):
            yield from self._driver.list(folder)

    def put_file(
        self,
        source: Path,
        name: str,
        *,
        sha256: str | None = None,
        replace: bool = False,
        progress: Moved | None = None,
    ) -> bool:
        """Send a file: all of it can be seen in the store, or nothing.

        Args:
            source: the file.
            name: what it becomes: ASCII letters, digits and `._-`, with `/`.
            sha256: its digest; checked while it is sent.
            replace: send it even if it is there, which renews its time.
            progress: called with the number of bytes that were moved since the last call; what it raises
                breaks the transfer off.

        Returns:
            False when it was there and stayed.

        Raises:
            DigestMismatch: the file has another digest; nothing was created.
            FileNotFoundError, PermissionError: the file cannot be read.
        """
        item = Put(Path(source), plain_name(name), sha256)
        _readable(item.source)
        with self._translated(store=True, progress=progress) as moved:
            return self._driver.put_file(item, replace=replace, moved=moved)

    def put_bytes(self, content: bytes, name: str) -> bool:
        """Send a content as a file, whole or not at all; False when it was there and stayed."""
        with self._translated(store=True):
            return self._driver.put_bytes(content, plain_name(name))

    def put_many(self, items: Iterable[Put], *, jobs: int = 8) -> Generator[tuple[Put, bool], None, None]:
        """Send files, small ones fast: what `put_file` would return for each, in the order they are done.

        After an error no further file is begun; those that were sent stay.

        Args:
            items: the files.
            jobs: how many threads to use; stores that take many requests at once get more of them.
        """
        with self._translated(store=True):
            checked = [item._replace(name=plain_name(item.name)) for item in items]
            yield from self._driver.put_many(checked, jobs=jobs)

    def get_many(self, items: Iterable[Get], *, jobs: int = 8) -> Generator[tuple[Get, bytes], None, None]:
        """The contents of small files, many at once, in the order they come; not verified.

        After an error no further file is asked for.

        Args:
            items: the files. Of one that is larger than it should be, the beginning comes.
            jobs: how many threads to use; stores that take many requests at once get more of them.

        Raises:
            ObjectMissing: one is not there.
        """
        with self._translated():
            checked = [item._replace(name=safe_name(item.name)) for item in items]
            yield from self._driver.get_many(checked, jobs=jobs)

    def get_file(self, name: str, target: Path, *, progress: Moved | None = None) -> None:
        """Get a file, or what is missing of it: `target` is appended to, so a broken download goes on.

        Args:
            name: of the file in the store.
            target: where to; made when it is not there, and left as far as it came after an error.
            progress: as in `put_file`.

        Raises:
            ObjectMissing: there is no such file.
            OSError: the target cannot be written.
        """
        chunks = self.stream(name, start=target.stat().st_size if target.exists() else 0)
        with contextlib.closing(chunks), target.open("ab", buffering=0) as file:
            for chunk in chunks:
                _write(file, chunk)
                if progress:
                    progress(len(chunk))

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            ObjectMissing: there is no such file.
        """
        return b"".join(self.stream(name))

    def stream(self, name: str, *, start: int = 0) -> Generator[bytes, None, None]:
        """The content of a file from an offset on, in pieces of any size.

        Raises:
            ObjectMissing: there is no such file.
        """
        with self._translated():
            yield from self._driver.read_from(safe_name(name), start)

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; those that are not there count as removed."""
        source = (safe_name(name) for name in names)
        while batch := list(islice(source, _BATCH)):
            with self._translated():
                self._driver.delete(batch)

    def unfinished(self) -> Generator[Unfinished, None, None]:
        """Uploads that were begun and broken off, where the store keeps what came of them out of sight."""
        if isinstance(self._driver, LeavesParts):
            with self._translated(store=True):
                yield from self._driver.unfinished()

    def give_up(self, upload: Unfinished) -> None:
        """Remove what came of such an upload; nothing where it has ended meanwhile."""
        if isinstance(self._driver, LeavesParts):
            with contextlib.suppress(ObjectMissing), self._translated():
                self._driver.give_up(upload)

    @contextlib.contextmanager
    def _translated(self, *, store: bool = False, progress: Moved | None = None) -> Iterator[Moved]:
        """Errors of the backend become ours; those of the callback stay what they are.

        Args:
            store: what is missing inside is the store, not a file of it.
            progress: of the caller.

        Yields:
            The callback for the driver.
        """
        raised: list[BaseException] = []

        def moved(size: int) -> None:
            if progress and size:
                try:
                    progress(size)
                except BaseException as error:
                    raised.append(error)
                    raise

        try:
            with translated(self.url):
                yield moved
        except Exception as error:
            if raised:
                raise raised[0] from None
            if store and isinstance(error, ObjectMissing):
                raise said(NoSuchStore, self.url) from None
            raise


def _readable(source: Path) -> None:
    """Raise here, where it is no error of the store, when a file cannot be read."""
    with source.open("rb"):
        pass


def _write(file: FileIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) or 0 :]
