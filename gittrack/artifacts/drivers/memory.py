"""`memory://`: in this process, for tests."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from fsspec.implementations.memory import MemoryFileSystem

from gittrack.artifacts.drivers.base import CHUNK, Entry, Put, checked
from gittrack.artifacts.drivers.crowd import get_each, put_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.artifacts.drivers.base import Get, Moved
    from gittrack.artifacts.urls import StoreUrl

_LOCK = threading.Lock()  # every such store is a part of one global dictionary


class Memory:
    """The files of `memory://NAME`, as fsspec keeps them."""

    flat = True

    def __init__(self, url: StoreUrl, _options: Mapping[str, Any]) -> None:
        self._fs = MemoryFileSystem()
        self._base = f"/{url.host}{url.path}".rstrip("/")

    def check(self) -> None:
        """Memory is always there."""

    def stat(self, name: str) -> Entry | None:
        """As in `Driver`."""
        with _LOCK:
            file = self._fs.store.get(self._path(name))
            return None if file is None else self._entry(self._path(name), file)

    def list(self, folder: str) -> Iterator[Entry]:
        """As in `Driver`."""
        below = f"{self._path(folder) if folder else self._base}/"
        with _LOCK:
            found = [
                self._entry(path, file) for path, file in self._fs.store.items() if path.startswith(below)
            ]
        yield from found

    def put_file(self, item: Put, *, replace: bool, moved: Moved) -> bool:
        """As in `Driver`."""
        content = checked(item, item.source.read_bytes())
        moved(len(content))
        return self._put(content, item.name, replace=replace)

    def put_bytes(self, content: bytes, name: str) -> bool:
        """As in `Driver`."""
        return self._put(content, name, replace=False)

    def put_many(self, items: Sequence[Put], *, jobs: int) -> Iterator[tuple[Put, bool]]:
        """As in `Driver`."""
        return put_each(self, items, jobs)

    def get_many(self, items: Sequence[Get], *, jobs: int) -> Iterator[tuple[Get, bytes]]:
        """As in `Driver`."""
        return get_each(self, items, jobs)

    def read_from(self, name: str, start: int) -> Iterator[bytes]:
        """As in `Driver`."""
        with _LOCK:
            file = self._fs.store.get(self._path(name))
            if file is None:
                raise FileNotFoundError(name)
            content = file.getvalue()
        for offset in range(start, len(content), CHUNK):
            yield content[offset : offset + CHUNK]

    def delete(self, names: Sequence[str]) -> None:
        """As in `Driver`."""
        with _LOCK:
            for name in names:
                self._fs.store.pop(self._path(name), None)

    def close(self) -> None:
        """There is no connection."""

    def _put(self, content: bytes, name: str, *, replace: bool) -> bool:
        with _LOCK:
            if not replace and self._path(name) in self._fs.store:
                return False
            self._fs.pipe_file(self._path(name), content)
            return True

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}"

    def _entry(self, path: str, file: Any) -> Entry:  # noqa: ANN401  fsspec has no types
        return Entry(path[len(self._base) + 1 :], file.size, round(file.modified.timestamp() * 1000))
