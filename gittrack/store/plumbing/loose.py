r"""Writes and reads loose objects: what `git hash-object -w` and `git cat-file` do, without a process.

The format is Git's own and the same in every version: `<type> <size>\0` and the content, compressed
by zlib, named by the SHA-1 or SHA-256 of the uncompressed bytes. An object is written in the folder of
its place, as Git does (a rename from one folder to another waits for all others of the file system), and
renamed, with the permissions that Git gives it. Paths are texts: `pathlib` took as long as the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from typing import TYPE_CHECKING

from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FAST = 1  # zlib's level; packing compresses better anyway


class LooseObjects:
    """The loose objects of a repository.

    Args:
        git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._folder = os.fspath(git.place.common_dir / "objects")
        self._sha256 = git.place.object_format == "sha256"

    def write(self, kind: bytes, content: bytes) -> str:
        """Write an object (`blob`, `tree` or `commit`) and give its id.

        Raises:
            OSError: the repository cannot be written.
        """
        data = b"%s %d\0%s" % (kind, len(content), content)
        oid = self._digest(data)
        path = self._path(oid)
        if not os.path.exists(path):  # noqa: PTH110  see above
            _place(path, zlib.compress(data, _FAST))
        return oid

    def read(self, oid: str) -> bytes | None:
        """The content of an object; None where it is not loose, or damaged: Git says what is wrong then."""
        try:
            with open(self._path(oid), "rb") as file:  # noqa: PTH123  see above
                data = zlib.decompress(file.read())
        except (OSError, zlib.error):
            return None
        return data.partition(b"\0")[2] if self._digest(data) == oid else None

    def _path(self, oid: str) -> str:
        return f"{self._folder}{os.sep}{oid[:2]}{os.sep}{oid[2:]}"

    def _digest(self, data: bytes) -> str:
        return (hashlib.sha256(data) if self._sha256 else hashlib.sha1(data)).hexdigest()  # noqa: S324  Git's choice


def _place(path: str, packed: bytes) -> None:
    folder = os.path.dirname(path)  # noqa: PTH120  see above
    temporary = f"{folder}{os.sep}tmp_obj_{random_text(10)}"  # `git gc` removes what is left of these
    try:
        descriptor = os.open(temporary, _CREATE, 0o444)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)  # noqa: PTH102  the same
        descriptor = os.open(temporary, _CREATE, 0o444)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(packed)
        os.replace(temporary, path)  # noqa: PTH105  the same
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108  the same
        raise
