r"""Writes and reads loose objects: what `git hash-object -w` and `git cat-file` do, without a process.

The format is Git's own and the same in every version: `<type> <size>\0` and the content, compressed
by zlib, named by the SHA-1 or SHA-256 of the uncompressed bytes. An object is written beside its
place and renamed into it, with the permissions that Git gives it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from typing import TYPE_CHECKING

from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.plumbing.git import Git

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FAST = 1  # zlib's level; packing compresses better anyway


class LooseObjects:
    """The loose objects of a repository.

    Args:
        git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._folder = git.place.common_dir / "objects"
        self._sha256 = git.place.object_format == "sha256"

    def write(self, kind: bytes, content: bytes) -> str:
        """Write an object (`blob`, `tree` or `commit`) and give its id.

        Raises:
            OSError: the repository cannot be written.
        """
        data = b"%s %d\0%s" % (kind, len(content), content)
        oid = self._digest(data)
        path = self._folder / oid[:2] / oid[2:]
        if not path.exists():
            self._place(path, zlib.compress(data, _FAST))
        return oid

    def read(self, oid: str) -> bytes | None:
        """The content of an object; None where it is not loose, or damaged: Git says what is wrong then."""
        try:
            data = zlib.decompress((self._folder / oid[:2] / oid[2:]).read_bytes())
        except (OSError, zlib.error):
            return None
        return data.partition(b"\0")[2] if self._digest(data) == oid else None

    def _digest(self, data: bytes) -> str:
        return (hashlib.sha256(data) if self._sha256 else hashlib.sha1(data)).hexdigest()  # noqa: S324  Git's choice

    def _place(self, path: Path, packed: bytes) -> None:
        temporary = self._folder / f"tmp_obj_{random_text(10)}"  # `git gc` removes what is left of these
        descriptor = os.open(temporary, _CREATE, 0o444)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(packed)
            with contextlib.suppress(FileExistsError):
                path.parent.mkdir()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
