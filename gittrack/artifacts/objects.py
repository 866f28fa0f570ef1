"""The local artifact store: contents by their SHA-256, each kept once.

::

    objects/<first two digits>/<digest>

An object is written beside its place and renamed into it, so whoever sees it sees all of it. It is
never changed afterwards (and marked read-only). A directory is kept as its files and a *manifest*,
an object that lists them (`artifacts.manifest`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.errors import InvalidValue
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHUNK = 1 << 20


class Stored(NamedTuple):
    """What was put into the store: digest in hexadecimal, size in bytes."""

    sha256: str
    size: int


class Objects:
    """A local store of contents.

    Args:
        root: its folder, made when the first object comes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, sha256: str) -> Path:
        """Where an object is, or would be.

        Raises:
            InvalidValue: that is no digest.
        """
        if not _DIGEST.fullmatch(sha256):
            msg = f"not a SHA-256 digest: {sha256[:80]!r}"
            raise InvalidValue(msg)
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether an object is here."""
        return self.path_of(sha256).exists()

    def read(self, sha256: str) -> bytes:
        """The content of an object.

        Raises:
            FileNotFoundError: it is not here.
        """
        return self.path_of(sha256).read_bytes()

    def put_bytes(self, content: bytes) -> Stored:
        """Keep a content."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            with self._writing() as (file, temporary):
                file.write(content)
            self._place(temporary, sha256)
        return Stored(sha256, len(content))

    def put_file(self, path: Path) -> Stored:
        """Keep the content of a file, which is read once.

        Raises:
            OSError: it cannot be read, or the store cannot be written.
        """
        digest = hashlib.sha256()
        size = 0
        with path.open("rb") as source, self._writing() as (file, temporary):
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
                size += len(chunk)
        self._place(temporary, digest.hexdigest())
        return Stored(digest.hexdigest(), size)

    def put_directory(self, folder: Path) -> Stored:
        """Keep all files below a folder; gives the digest of the manifest and the size of the files.

        Links to files are followed; links to folders, and what is no file, are passed over.

        Raises:
            OSError: a file cannot be read, or the store cannot be written.
        """
        members = []
        for path in files_below(folder):
            stored = self.put_file(path)
            members.append(Member(path.relative_to(folder).as_posix(), stored.sha256, stored.size))
        manifest = self.put_bytes(encode(members))
        return Stored(manifest.sha256, sum(member.size for member in members))

    def verify(self, sha256: str) -> bool:
        """Whether an object is here and still has its digest."""
        digest = hashlib.sha256()
        try:
            with self.path_of(sha256).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except FileNotFoundError:
            return False
        return digest.hexdigest() == sha256

    def copy_to(self, sha256: str, target: Path) -> None:
        """Write the content of an object to a new file of the user's.

        Raises:
            FileNotFoundError: the object is not here.
        """
        source = self.path_of(sha256)
        temporary = target.with_name(f".{target.name}.{random_text(8)}.tmp")
        try:
            shutil.copyfile(source, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tuple[BinaryIO, Path]]:
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f".{random_text(16)}.tmp"
        try:
            with temporary.open("xb") as file:
                yield file, temporary
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _place(self, temporary: Path, sha256: str) -> None:
        target = self.path_of(sha256)
        try:
            if target.exists():
                return
            target.parent.mkdir(exist_ok=True)
            temporary.chmod(0o444)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder, sorted by name."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if path.is_file():
                yield path
