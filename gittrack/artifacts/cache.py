"""Downloaded objects, kept up to a size; what was used longest ago goes first.

The same layout as the local store (`artifacts.objects`). The time of an object's file is when it was
last used. An object that is open in another process goes on being readable there (on Windows it is
kept); one that was used within the last minute is never removed, so that whoever has just fetched it
can open it.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

_IN_USE = 60  # seconds


class Trimmed(NamedTuple):
    """What a trim did: objects removed, bytes removed, bytes left."""

    objects: int
    freed: int
    left: int


class Cache:
    """The cache of a repository.

    Args:
        root: its folder, made when the first object comes.
        limit: bytes to keep at most; 0 keeps nothing beyond its use.

    Attributes:
        objects: the store to download into.
    """

    def __init__(self, root: Path, limit: int) -> None:
        self.objects = Objects(root)
        self._limit = limit

    def use(self, sha256: str) -> Path | None:
        """The file of an object, which counts as used now; None when it is not here."""
        path = self.objects.path_of(sha256)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:  # somebody else's file: it is not ours to trim either
            return path if path.exists() else None
        return path

    def trim(self, keep: Container[str] = (), *, now: float | None = None) -> Trimmed:
        """Remove what was used longest ago until the limit holds.

        Args:
            keep: digests that stay, whatever the limit.
            now: seconds since the epoch; the clock's when None.
        """
        now = time.time() if now is None else now
        files = sorted(self._files())
        left, count, freed = sum(size for _, size, _ in files), 0, 0
        for used, size, path in files:
            if left <= self._limit or used > now - _IN_USE:
                break
            if path.name not in keep:
                with contextlib.suppress(OSError):
                    path.unlink()
                    count, freed, left = count + 1, freed + size, left - size
        return Trimmed(count, freed, left)

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for sha256 in self.objects.all():
            path = self.objects.path_of(sha256)
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return found
