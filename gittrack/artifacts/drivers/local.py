"""`file://`: a folder of this machine, or one that is mounted (NFS, SMB)."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.artifacts.drivers.base import CHUNK, Entry, Put
from gittrack.artifacts.drivers.crowd import get_each, put_each
from gittrack.artifacts.drivers.hashing import HashedFile
from gittrack.artifacts.failures import NoSuchStore, said
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.artifacts.drivers.base import Get, Moved
    from gittrack.artifacts.urls import StoreUrl


class Local:
    """The files of a folder, which must exist: a share that is not mounted must not be filled."""

    flat = False

    def __init__(self, url: StoreUrl, _options: Mapping[str, Any]) -> None:
        self._url = url.text
        self._root = Path(url.path)

    def check(self) -> None:
        """As in `Driver`."""
        if not self._root.is_dir():
            raise said(NoSuchStore, self._url)
        with os.scandir(self._root):
            pass

    def stat(self, name: str) -> Entry | None:
        """As in `Driver`."""
        try:
            status = (self._root / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return self._entry(name, status) if stat.S_ISREG(status.st_mode) else None

    def list(self, folder: str) -> Iterator[Entry]:
        """As in `Driver`."""
        if not folder:
            self.check()
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            with contextlib.suppress(FileNotFoundError), os.scandir(self._root / here) as found:
                for one in found:
                    name = f"{here}/{one.name}" if here else one.name
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(name)
                    elif one.is_file(follow_symlinks=False):
                        with contextlib.suppress(FileNotFoundError):
                            yield self._entry(name, one.stat())

    def put_file(self, item: Put, *, replace: bool, moved: Moved) -> bool:
        """As in `Driver`."""
        if not replace and (self._root / item.name).exists():
            return False
        with HashedFile(item, moved) as source, self._temporary() as temporary:
            with temporary.open("xb") as file:
                for chunk in source:
                    file.write(chunk)
                _settle(file.fileno())
            source.check()
            return self._place(temporary, item.name, replace=replace)

    def put_bytes(self, content: bytes, name: str) -> bool:
        """As in `Driver`."""
        with self._temporary() as temporary:
            with temporary.open("xb") as file:
                file.write(content)
                _settle(file.fileno())
            return self._place(temporary, name, replace=False)

    def put_many(self, items: Sequence[Put], *, jobs: int) -> Iterator[tuple[Put, bool]]:
        """As in `Driver`."""
        return put_each(self, items, jobs)

    def get_many(self, items: Sequence[Get], *, jobs: int) -> Iterator[tuple[Get, bytes]]:
        """As in `Driver`."""
        return get_each(self, items, jobs)

    def read_from(self, name: str, start: int) -> Iterator[bytes]:
        """As in `Driver`."""
        with (self._root / name).open("rb", buffering=0) as file:
            file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk

    def delete(self, names: Sequence[str]) -> None:
        """As in `Driver`."""
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def close(self) -> None:
        """There is no connection."""

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[Path]:
        """A name for a file that nobody sees yet; gone afterwards."""
        folder = self._root / "tmp"
        try:
            folder.mkdir(exist_ok=True)
        except FileNotFoundError:
            raise said(NoSuchStore, self._url) from None
        path = folder / random_text(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _place(self, temporary: Path, name: str, *, replace: bool) -> bool:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if replace:
            temporary.replace(target)
            return True
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if target.exists():
                return False
            temporary.replace(target)
        return True

    @staticmethod
    def _entry(name: str, status: os.stat_result) -> Entry:
        return Entry(name, status.st_size, status.st_mtime_ns // 10**6)


def _settle(descriptor: int) -> None:
    """Wait until a file is on the disk: a quota of NFS shows here, and a power cut spares it.

    Files of a store are read by others, so their mode is what the umask leaves.
    """
    os.fsync(descriptor)
