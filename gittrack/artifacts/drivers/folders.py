"""What stores with folders have in common: a file is written beside its place and renamed into it.

`tmp/` below the URL holds what is being written. The folder of the URL itself must exist: a share that
is not mounted, or a mistyped name, must not be filled.
"""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

from gittrack.artifacts.drivers.base import CHUNK, Entry, Put, milliseconds
from gittrack.artifacts.drivers.crowd import get_each, put_each
from gittrack.artifacts.drivers.hashing import HashedFile
from gittrack.artifacts.drivers.pool import Pool
from gittrack.artifacts.failures import NoSuchStore, said
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from gittrack.artifacts.drivers.base import Get, Moved
    from gittrack.artifacts.urls import StoreUrl


class Folders:
    """Files below a folder, through any file system of fsspec; a family changes what it can do better."""

    flat = False

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        self._url = url
        self._options = options
        self._base = url.path
        self._pool = Pool(self._make, self._drop)
        self._folders: set[str] = set()

    # What a family fills in or changes; `fs` is what `_make` gave, used by one thread at a time.

    def _make(self) -> Any:  # noqa: ANN401  fsspec and its drivers have no types
        raise NotImplementedError

    def _drop(self, fs: Any) -> None:  # noqa: ANN401
        """Close a connection."""

    def _look(self, fs: Any, path: str) -> tuple[int, int | None] | None:  # noqa: ANN401
        """Size in bytes and time in ms of a file, None when there is none."""
        try:
            found = fs.info(path)
        except FileNotFoundError:
            return None
        return None if found["type"] == "directory" else (found["size"], _time_of(found))

    def _is_folder(self, fs: Any, path: str) -> bool:  # noqa: ANN401
        try:
            return bool(fs.info(path)["type"] == "directory")
        except FileNotFoundError:
            return False

    def _scan(self, fs: Any, path: str) -> Iterator[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        """What is in a folder: name, whether it is a folder, size and time."""
        for one in fs.ls(path or "/", detail=True):
            name = one["name"].rstrip("/").rpartition("/")[2]
            yield name, one["type"] == "directory", one["size"] or 0, _time_of(one)

    def _send(self, fs: Any, source: HashedFile | BinaryIO, path: str) -> None:  # noqa: ANN401
        with fs.open(path, "wb") as file:
            while chunk := source.read(CHUNK):
                file.write(chunk)

    def _read(self, fs: Any, path: str, start: int, size: int) -> Iterator[bytes]:  # noqa: ANN401, ARG002
        with fs.open(path, "rb") as file:
            file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        """Move a file; False when there is one at the target, and it stays."""
        if not replace and self._look(fs, target) is not None:
            return False
        fs.mv(source, target)
        return True

    def _make_folder(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.mkdir(path, create_parents=False)

    def _unlink(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.rm_file(path)

    # What `Driver` wants.

    def check(self) -> None:
        """As in `Driver`."""
        with self._pool.take() as fs:
            self._expect_base(fs)

    def stat(self, name: str) -> Entry | None:
        """As in `Driver`."""
        with self._pool.take() as fs:
            found = self._look(fs, self._path(name))
        return None if found is None else Entry(name, *found)

    def list(self, folder: str) -> Iterator[Entry]:
        """As in `Driver`, one folder after the other."""
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            with self._pool.take() as fs:
                found = self._scanned(fs, here)
            for name, is_folder, size, modified in found:
                path = f"{here}/{name}" if here else name
                if is_folder:
                    waiting.append(path)
                else:
                    yield Entry(path, size, modified)

    def put_file(self, item: Put, *, replace: bool, moved: Moved) -> bool:
        """As in `Driver`."""
        with self._pool.take() as fs:
            if not replace and self._look(fs, self._path(item.name)) is not None:
                return False
            with HashedFile(item, moved) as source, self._temporary(fs) as temporary:
                self._send(fs, source, temporary)
                return self._place(fs, temporary, item.name, source.check(), replace=replace)

    def put_bytes(self, content: bytes, name: str) -> bool:
        """As in `Driver`."""
        with self._pool.take() as fs, self._temporary(fs) as temporary:
            self._send(fs, io.BytesIO(content), temporary)
            return self._place(fs, temporary, name, len(content), replace=False)

    def put_many(self, items: Sequence[Put], *, jobs: int) -> Iterator[tuple[Put, bool]]:
        """As in `Driver`."""
        return put_each(self, items, jobs)

    def get_many(self, items: Sequence[Get], *, jobs: int) -> Iterator[tuple[Get, bytes]]:
        """As in `Driver`."""
        return get_each(self, items, jobs)

    def read_from(self, name: str, start: int) -> Iterator[bytes]:
        """As in `Driver`."""
        with self._pool.take() as fs:
            found = self._look(fs, self._path(name))
            if found is None:
                self._expect_base(fs)
                raise FileNotFoundError(name)
            came = start
            if came < found[0]:
                for chunk in self._read(fs, self._path(name), start, found[0]):
                    came += len(chunk)
                    yield chunk
                if came < found[0]:
                    msg = "less came than there is"
                    raise ConnectionError(msg)

    def delete(self, names: Sequence[str]) -> None:
        """As in `Driver`."""
        with self._pool.take() as fs:
            for name in names:
                if self._look(fs, self._path(name)) is not None:
                    with contextlib.suppress(FileNotFoundError):
                        self._unlink(fs, self._path(name))

    def close(self) -> None:
        """As in `Driver`."""
        self._pool.close()

    # How it is done.

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}" if name else self._base or "/"

    def _expect_base(self, fs: Any) -> None:  # noqa: ANN401
        if self._base and not self._is_folder(fs, self._base):
            raise said(NoSuchStore, self._url.text)

    def _scanned(self, fs: Any, folder: str) -> Sequence[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        if not self._is_folder(fs, self._path(folder)):
            self._expect_base(fs)
            return []
        try:
            return [*self._scan(fs, self._path(folder))]
        except FileNotFoundError:
            return []

    @contextlib.contextmanager
    def _temporary(self, fs: Any) -> Iterator[str]:  # noqa: ANN401
        """The path of a file that nobody sees yet; gone afterwards."""
        self._ensure(fs, "tmp")
        path = self._path(f"tmp/{random_text(16)}")
        try:
            yield path
        except BaseException:
            self._folders.clear()
            with contextlib.suppress(Exception):
                self._unlink(fs, path)
            raise

    def _ensure(self, fs: Any, folder: str) -> None:  # noqa: ANN401
        """Make a folder and those above it, up to the one of the URL."""
        if folder in self._folders:
            return
        if "/" in folder:
            self._ensure(fs, folder.rpartition("/")[0])
        else:
            self._expect_base(fs)
        if not self._is_folder(fs, self._path(folder)):
            try:
                self._make_folder(fs, self._path(folder))
            except Exception:
                if not self._is_folder(fs, self._path(folder)):  # else somebody else was faster
                    raise
        self._folders.add(folder)

    def _place(self, fs: Any, temporary: str, name: str, size: int, *, replace: bool) -> bool:  # noqa: ANN401
        """Give a file its name when all of it has arrived."""
        found = self._look(fs, temporary)
        if found is None or found[0] != size:
            msg = "less arrived than was sent"
            raise ConnectionError(msg)
        self._ensure(fs, name.rpartition("/")[0])
        if self._rename(fs, temporary, self._path(name), replace=replace):
            return True
        self._unlink(fs, temporary)
        return False


def _time_of(info: Mapping[str, Any]) -> int | None:
    for name in ("mtime", "modified", "LastModified", "last_modified", "updated", "created"):
        if info.get(name) is not None:
            return milliseconds(info[name])
    return None
