"""The files of a directory on their way into the local store.

Links to files are followed, so the content they lead to is kept. Links to folders (they may lead
anywhere, back up included), links that lead nowhere, sockets, pipes, devices and empty folders are
passed over. Modes and times are not kept.
"""

from __future__ import annotations

import os
import threading
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gittrack.artifacts.manifest import Member, is_safe
from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.artifacts.content import Moved, Stored

    class PutFile(Protocol):
        """Keeps one file."""

        def __call__(self, path: Path, *, moved: Moved | None = None) -> Stored:
            """As `Objects.put_file`."""
            ...


_BATCH = 1000
_MOST_JOBS = 8


class UnsafeName(GitTrackError):
    """A file in a directory has a name that another system could not write."""


def members_of(
    folder: Path, put_file: PutFile, *, jobs: int | None = None, moved: Moved | None = None
) -> list[Member]:
    """The files below a folder, each kept by `put_file`, several at once (`Objects.put_directory`)."""
    one_at_a_time = threading.Lock()

    def count(size: int) -> None:
        with one_at_a_time:
            if moved:
                moved(size)

    def keep(item: tuple[Path, str]) -> Member:
        path, name = item
        return Member(name, *put_file(path, moved=count))

    members: list[Member] = []
    files = _named(folder)
    from concurrent.futures import ThreadPoolExecutor  # 6 ms, for folders only

    with ThreadPoolExecutor(jobs or min(_MOST_JOBS, os.cpu_count() or 1), "gittrack-hash") as pool:
        while batch := list(islice(files, _BATCH)):
            members += pool.map(keep, batch)
    return members


def _named(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        if not is_safe(name):
            msg = f"not a name that works on every system: {name[:200]!r} in {folder}"
            raise UnsafeName(msg, hint='rename it: no \\ : * ? " < > | and no control characters')
        yield path, name


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder, those of a folder before those of the folders in it.

    Raises:
        OSError: a folder cannot be read.
    """

    def failed(error: OSError) -> None:
        raise error

    for here, folders, names in os.walk(folder, onerror=failed):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if path.is_file():
                yield path
