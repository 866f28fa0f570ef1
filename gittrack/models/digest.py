"""The digest of a model: that of its directory as an artifact, so that a logged model has the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gittrack.artifacts import directory
from gittrack.artifacts.content import Stored
from gittrack.artifacts.manifest import encode

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.artifacts.content import Moved
    from gittrack.artifacts.manifest import Member

_CHUNK = 1 << 20


def members_of(folder: Path, *, moved: Moved | None = None) -> list[Member]:
    """The files of a model with their digests.

    Args:
        folder: of the model.
        moved: called with the number of bytes that were read since the last call.

    Raises:
        UnsafeName: a file has a name that does not work on every system.
        OSError: a file cannot be read.
    """
    return directory.members_of(folder, _hashed, moved=moved)


def model_digest(folder: Path) -> str:
    """The SHA-256 of the manifest of a model's directory, in hexadecimal digits.

    Raises:
        UnsafeName, OSError: see :func:`members_of`.
    """
    return hashlib.sha256(encode(members_of(folder))).hexdigest()


def _hashed(path: Path, *, moved: Moved | None = None) -> Stored:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if moved is not None:
                moved(len(chunk))
    return Stored(digest.hexdigest(), size)
