"""The local artifact store: contents by their SHA-256, each kept once.

::

    objects/<first two digits>/<digest>
    objects/.<random>.tmp                an object that is being written
    objects/<digest>.part                one that is being downloaded
    objects/seen/                        what big files were when they were read (`artifacts.seen`)

An object is written beside its place and renamed into it, so whoever sees it sees all of it. It is
never changed afterwards (and marked read-only). A directory is kept as its files and a *manifest* that
lists them (`artifacts.manifest`).

A file is copied into the store, or cloned where the file system shares blocks until one of them is
written (`artifacts.content`). It is never hard-linked: a program that opens its file again to write
(`open(path, "wb")`, a log, a memory map) would change the object with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, BinaryIO

from gittrack.artifacts.content import CHUNK, Identity, Stored, digest_of, duplicate, is_regular
from gittrack.artifacts.digests import is_digest, sharded
from gittrack.artifacts.directory import members_of
from gittrack.artifacts.leftovers import sweep
from gittrack.artifacts.manifest import encode
from gittrack.artifacts.seen import Seen
from gittrack.core.errors import GitTrackError
from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.artifacts.content import Moved

_SMALL = 4 * CHUNK  # hashed before it is written: what is here already is not written again


class FileChanged(GitTrackError):
    """A file was written while it was read."""


class ObjectDamaged(GitTrackError):
    """An object that no longer has its digest."""


class Objects:
    """A local store of contents; several processes and threads may use it at once.

    Args:
        root: its folder, made when the first object comes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen = Seen(root / "seen")
        self._swept = False

    def path_of(self, sha256: str) -> Path:
        """Where an object is, or would be.

        Raises:
            InvalidValue: that is no digest.
        """
        return self.root / sharded(sha256)

    def has(self, sha256: str) -> bool:
        """Whether an object is here."""
        return self.path_of(sha256).exists()

    def size(self, sha256: str) -> int | None:
        """The size of an object in bytes, None when it is not here."""
        try:
            return self.path_of(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str) -> bytes:
        """The content of an object.

        Raises:
            FileNotFoundError: it is not here.
        """
        return self.path_of(sha256).read_bytes()

    def put_bytes(self, content: bytes) -> Stored:
        """Keep a content."""
        self.keep(content, stored := Stored(hashlib.sha256(content).hexdigest(), len(content)))
        return stored

    def keep(self, content: bytes, stored: Stored) -> None:
        """Keep a content that was hashed."""
        if self._renewed(stored):
            return
        with self._writing() as temporary:
            temporary.write_bytes(content)
            self._name(temporary, stored)

    def put_file(self, path: Path, *, moved: Moved | None = None) -> Stored:
        """Keep the content of a file, which is read once (not at all if it is big and was kept before).

        Args:
            path: the file; a link is followed.
            moved: called with the number of bytes that were read since the last call.

        Raises:
            FileChanged: somebody wrote to it each of three times that it was read.
            OSError: it cannot be read, or the store cannot be written.
        """
        for _ in range(3):
            with path.open("rb") as source:
                before = Identity.of(source)
                settled = before.settled()
                if (stored := self._remembered(before)) is not None:
                    if moved:
                        moved(stored.size)
                    return stored
                if (stored := self._take(source, before, moved)) is not None:
                    if settled and Identity.of(source) == before:
                        self._seen.note(before, stored.sha256)
                    return stored
        msg = f"{path} is being written"
        raise FileChanged(msg, hint="log it when its writer is done, or log a copy of it")

    def put_directory(self, folder: Path, *, jobs: int | None = None, moved: Moved | None = None) -> Stored:
        """Keep a folder (`artifacts.directory`); gives the digest of its manifest and the size of its files.

        Args:
            folder: the folder.
            jobs: how many files to read at once; as many as there are cores, up to 8, when None.
            moved: called with the number of bytes that were read since the last call, one call at a time.

        Raises:
            UnsafeName: a file has a name that does not work on every system.
            FileChanged, OSError: as `put_file`; which file or folder it was is said.
        """
        members = members_of(folder, self.put_file, jobs=jobs, moved=moved)
        return Stored(self.put_bytes(encode(members)).sha256, sum(member.size for member in members))

    def _remembered(self, state: Identity) -> Stored | None:
        sha256 = self._seen.digest(state)
        stored = Stored(sha256 or "", state.size)
        return stored if is_digest(sha256) and self._renewed(stored) else None

    def _take(self, source: BinaryIO, before: Identity, moved: Moved | None) -> Stored | None:
        """Keep an open file; None if it was written meanwhile."""
        regular = is_regular(source)
        if regular and before.size <= _SMALL:
            content = source.read(_SMALL + 1)
            if moved:
                moved(len(content))
            if len(content) != before.size or not before.same_content(Identity.of(source)):
                return None
            return self.put_bytes(content)
        with self._writing() as temporary:
            stored = duplicate(source, temporary, moved)
            if regular and not before.same_content(Identity.of(source)):
                return None
            self._place(temporary, stored)
        return stored

    def verify(self, sha256: str, *, moved: Moved | None = None) -> bool:
        """Whether an object is here and still has its digest."""
        try:
            with self.path_of(sha256).open("rb") as file:
                return digest_of(file, moved).sha256 == sha256
        except FileNotFoundError:
            return False

    def copy_to(self, sha256: str, target: Path, *, moved: Moved | None = None) -> None:
        """Write the content of an object to a new file of the user's, verified on the way.

        Args:
            sha256: the object.
            target: the file; replaced when it exists, and only by a whole one. Its folder must exist.
            moved: called with the number of bytes that were written since the last call.

        Raises:
            FileNotFoundError: the object is not here.
            ObjectDamaged: it no longer has its digest.
        """
        temporary = target.with_name(f".{target.name[:100]}.{random_text(8)}.tmp")
        try:
            with self.path_of(sha256).open("rb") as source:
                found = duplicate(source, temporary, moved)
            if found.sha256 != sha256:
                msg = f"{self.path_of(sha256)} has changed since it was stored"
                raise ObjectDamaged(msg, hint="gittrack artifacts verify lists all such objects")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def all(self) -> Iterator[str]:
        """The digests of all objects, unordered."""
        for shard in self.root.glob("[0-9a-f][0-9a-f]"):
            yield from (path.name for path in shard.iterdir() if is_digest(path.name))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Path]:
        """A name for an object in the making; what has it is gone afterwards."""
        self.root.mkdir(parents=True, exist_ok=True)
        if not self._swept:
            self._swept = True
            sweep(self.root)
            self._seen.trim()
        temporary = self.root / f".{random_text(16)}.tmp"
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def part_of(self, sha256: str) -> Path:
        """Where an object is while it is downloaded (`artifacts.partial`)."""
        return self.root / f"{self.path_of(sha256).name}.part"

    def adopt(self, file: Path, stored: Stored) -> None:
        """Make an object of a file on the same disk, which is gone afterwards; its content was hashed."""
        try:
            self._place(file, stored)
        finally:
            file.unlink(missing_ok=True)

    def _renewed(self, stored: Stored) -> bool:
        """Whether an object is here; it counts as new then, so that it stays until its run names it."""
        try:
            os.utime(self.path_of(stored.sha256))
        except FileNotFoundError:
            return False
        except OSError:  # somebody else's file
            pass
        return self.size(stored.sha256) == stored.size

    def _place(self, temporary: Path, stored: Stored) -> None:
        if not self._renewed(stored):
            os.utime(temporary)  # a clone may have the time of what it was made from
            self._name(temporary, stored)

    def _name(self, temporary: Path, stored: Stored) -> None:
        target = self.path_of(stored.sha256)
        target.parent.mkdir(exist_ok=True)
        temporary.chmod(0o444)
        try:
            temporary.replace(target)
        except PermissionError:  # Windows, when somebody reads what was put there meanwhile
            if self.size(stored.sha256) != stored.size:
                raise
