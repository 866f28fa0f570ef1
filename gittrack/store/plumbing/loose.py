r"""Writes loose objects: what `git hash-object -w` does, without a process each.

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
    """The loose objects of a repository, for writing.

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
        oid = (hashlib.sha256(data) if self._sha256 else hashlib.sha1(data)).hexdigest()  # noqa: S324  Git's choice
        path = self._folder / oid[:2] / oid[2:]
        if not path.exists():
            self._place(path, zlib.compress(data, _FAST))
        return oid

    def _place(self, path: Path, packed: bytes) -> None:
        temporary = self._folder / f"tmp_obj_{random_text(10)}"  # `git gc` removes what is left of these
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o444
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(packed)
            with contextlib.suppress(FileExistsError):
                path.parent.mkdir()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
