"""What the object stores of the clouds have in common.

A file goes in one request, or in parts that are sent side by side and become an object with the last
request, which is not made unless the digest is right. Requests are coroutines on fsspec's loop, in a
thread of its own; the calling thread reads and hashes meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.artifacts.drivers.base import Entry, Put, checked
from gittrack.artifacts.drivers.crowd import put_each
from gittrack.artifacts.drivers.flight import together
from gittrack.artifacts.drivers.parts import PART, Part, Sending, cancel, parts_of, result_of
from gittrack.artifacts.drivers.pool import ABANDONED
from gittrack.artifacts.drivers.reach import reach

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from gittrack.artifacts.drivers.base import Get, Moved
    from gittrack.artifacts.urls import StoreUrl

_PARTS_IN_FLIGHT = 8  # of all uploads together: 64 MiB, and as much again on its way to the line
_AHEAD = 4  # parts of one download that are asked for before they are needed
_PATIENCE = 5  # seconds to take an upload back: where the line is dead clients try half a minute


class Found(NamedTuple):
    """An object: its key, size in bytes, and time in ms since the epoch."""

    key: str
    size: int
    modified: int | None


class Cloud:
    """Files below a prefix of a bucket. A family of stores fills in the requests below.

    Attributes:
        in_order: parts must arrive one after the other.
    """

    flat = True
    in_order = False

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        self._bucket = url.host
        self._prefix = f"{url.path}/" if url.path else ""
        self._options = options
        self._made: Any = None
        self._forget()

    # What a family fills in: `fs` is what `_make` gave.

    def _make(self) -> Any:  # noqa: ANN401  fsspec and its drivers have no types
        raise NotImplementedError

    def _address(self, fs: Any) -> str | None:  # noqa: ANN401
        """Where requests go, None where the client decides it for each."""
        raise NotImplementedError

    async def _check(self, fs: Any) -> None:  # noqa: ANN401
        raise NotImplementedError

    async def _head(self, fs: Any, key: str) -> Found | None:  # noqa: ANN401
        raise NotImplementedError

    async def _page(self, fs: Any, prefix: str, token: Any) -> tuple[list[Found], Any]:  # noqa: ANN401
        """Some of the objects under a prefix, and what asks for the next ones, None after the last."""
        raise NotImplementedError

    async def _whole(self, fs: Any, key: str, content: bytes, *, replace: bool) -> bool:  # noqa: ANN401
        """Create an object; False when there is one and it stays."""
        raise NotImplementedError

    async def _begin(self, fs: Any, key: str, *, replace: bool) -> Any:  # noqa: ANN401
        raise NotImplementedError

    async def _part(self, fs: Any, upload: Any, part: Part) -> Any:  # noqa: ANN401
        raise NotImplementedError

    async def _finish(self, fs: Any, upload: Any, parts: list[Any], *, replace: bool) -> bool:  # noqa: ANN401
        raise NotImplementedError

    async def _abort(self, fs: Any, upload: Any) -> None:  # noqa: ANN401
        raise NotImplementedError

    async def _range(self, fs: Any, key: str, start: int, stop: int) -> tuple[bytes, int]:  # noqa: ANN401
        """Bytes of an object, none from its end on, and the size of all of it."""
        raise NotImplementedError

    async def _remove(self, fs: Any, keys: Sequence[str]) -> None:  # noqa: ANN401
        raise NotImplementedError

    # What `Driver` wants.

    def check(self) -> None:
        """As in `Driver`."""
        fs = self._fs()
        self._run(self._check(fs))

    def stat(self, name: str) -> Entry | None:
        """As in `Driver`."""
        fs = self._fs()
        found = self._run(self._head(fs, self._prefix + name))
        return None if found is None else self._entry(found)

    def list(self, folder: str) -> Iterator[Entry]:
        """As in `Driver`; the next page is asked for while one is looked at."""
        fs = self._fs()
        prefix = f"{self._prefix}{folder}/" if folder else self._prefix
        coming = self._submit(self._page(fs, prefix, None))
        while True:
            found, token = result_of(coming)
            if token is not None:
                coming = self._submit(self._page(fs, prefix, token))
            yield from (self._entry(one) for one in found if not one.key.endswith("/"))
            if token is None:
                return

    def put_file(self, item: Put, *, replace: bool, moved: Moved) -> bool:
        """As in `Driver`."""
        fs, key = self._fs(), self._prefix + item.name
        if (size := item.source.stat().st_size) > PART:
            if not replace and self._run(self._head(fs, key)) is not None:
                return False
            return self._put_parts(fs, item, size, replace=replace, moved=moved)
        with self._room:
            content = checked(item, item.source.read_bytes())
            new = bool(self._run(self._whole(fs, key, content, replace=replace)))
        moved(size)
        return new

    def put_bytes(self, content: bytes, name: str) -> bool:
        """As in `Driver`."""
        return bool(self._run(self._whole(self._fs(), self._prefix + name, content, replace=False)))

    def put_many(self, items: Sequence[Put], *, jobs: int) -> Iterator[tuple[Put, bool]]:
        """As in `Driver`; small files are not bound to threads, many are under way at once."""
        fs = self._fs()
        sizes = {item: item.source.stat().st_size for item in items}

        def send(item: Put) -> Future[bool]:
            content = checked(item, item.source.read_bytes())
            return self._submit(self._whole(fs, self._prefix + item.name, content, replace=False))

        yield from together(((item, size) for item, size in sizes.items() if size <= PART), send)
        yield from put_each(self, (item for item, size in sizes.items() if size > PART), min(jobs, 2))

    def get_many(self, items: Sequence[Get], *, jobs: int) -> Iterator[tuple[Get, bytes]]:  # noqa: ARG002
        """As in `Driver`; not bound to threads either."""
        fs = self._fs()

        def ask(item: Get) -> Future[tuple[bytes, int]]:
            return self._submit(self._range(fs, self._prefix + item.name, 0, max(1, item.size)))

        with contextlib.closing(together(((item, item.size) for item in items), ask)) as coming:
            yield from ((item, content) for item, (content, _) in coming)

    def read_from(self, name: str, start: int) -> Iterator[bytes]:
        """As in `Driver`; a few parts are under way at once, and come in order."""
        fs, key = self._fs(), self._prefix + name
        content, total = self._run(self._range(fs, key, start, start + PART))
        yield content
        begin = start + len(content)
        coming: deque[tuple[int, Future[tuple[bytes, int]]]] = deque()
        try:
            while begin < total or coming:
                while begin < total and len(coming) < _AHEAD:
                    stop = min(begin + PART, total)
                    coming.append((stop - begin, self._submit(self._range(fs, key, begin, stop))))
                    begin = stop
                size, future = coming.popleft()
                content, _ = result_of(future)
                if len(content) != size:
                    msg = "less came than there is"
                    raise ConnectionError(msg)
                yield content
        finally:
            cancel([future for _, future in coming])

    def delete(self, names: Sequence[str]) -> None:
        """As in `Driver`."""
        fs = self._fs()
        self._run(self._remove(fs, [self._prefix + name for name in names]))

    def close(self) -> None:
        """As in `Driver`."""
        if self._made is not None and self._pid == os.getpid():
            made, self._made = self._made, None
            self._disconnect(made)

    def _disconnect(self, fs: Any) -> None:  # noqa: ANN401
        """Close the connections of what `_make` gave."""

    # How it is done.

    def _forget(self) -> None:
        """Loop and connections do not go over to a forked process."""
        ABANDONED.append(self._made)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_PARTS_IN_FLIGHT)
        self._made = None

    def _fs(self) -> Any:  # noqa: ANN401
        if self._pid != os.getpid():
            self._forget()
        with self._lock:
            if self._made is None:
                made = self._make()
                reach(self._address(made))
                self._made = made
            return self._made

    def _submit(self, request: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(request, self._made.loop)

    def _run(self, request: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        return result_of(self._submit(request))

    def _entry(self, found: Found) -> Entry:
        return Entry(found.key[len(self._prefix) :], found.size, found.modified)

    def _put_parts(self, fs: Any, item: Put, size: int, *, replace: bool, moved: Moved) -> bool:  # noqa: ANN401
        upload = self._run(self._begin(fs, self._prefix + item.name, replace=replace))
        sending = Sending(moved)
        try:
            for part in parts_of(item, size, self._room):
                if self.in_order:
                    sending.drain()
                future = self._submit(self._part(fs, upload, part))
                future.add_done_callback(lambda _: self._room.release())
                sending.add(future, part)
            sending.drain()
            new: bool = self._run(self._finish(fs, upload, sending.results(), replace=replace))
        except BaseException:
            cancel(sending.pending)
            with contextlib.suppress(Exception):
                self._run(asyncio.wait_for(self._abort(fs, upload), _PATIENCE))
            raise
        return new
