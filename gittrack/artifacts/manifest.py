"""The manifest of a directory: the files in it, by digest; pure.

JSON lines, so that a listing of a million files reads in a stream: a head, then one file a line,
sorted by path::

    {"schema":"gittrack.manifest/1"}
    {"path":"weights/0.bin","sha256":"…","size":1048576}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.digests import is_digest
from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = "gittrack.manifest/1"


class Member(NamedTuple):
    """One file: path with `/` below the directory, SHA-256 in hexadecimal, size in bytes."""

    path: str
    sha256: str
    size: int


def is_safe(path: str) -> bool:
    """Whether a path of a manifest or artifact stays below its directory on every system."""
    parts = path.split("/")
    return (
        0 < len(path) <= 1000  # noqa: PLR2004  file systems allow 1,024 and more
        and all(part not in {"", ".", ".."} for part in parts)
        and not any(character in path for character in '\\:*?"<>|')
        and path.isprintable()
    )


def encode(members: Iterable[Member]) -> bytes:
    """The manifest of some files."""
    lines = [dump_json({"schema": SCHEMA})]
    lines += [dump_json(member._asdict()) for member in sorted(members)]
    return b"\n".join(lines) + b"\n"


def decode(data: bytes, where: str) -> list[Member]:
    """The files that a manifest lists.

    Raises:
        MalformedFile: it is none, a path in it would leave the directory, or two files are in each
            other's way.
    """
    head, *lines = data.split(b"\n")
    try:
        if load_json(head).get("schema") != SCHEMA:
            raise MalformedFile(where, "not a manifest")
        members = [_member(load_json(line)) for line in lines if line]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedFile(where, f"not a manifest: {error}") from error
    unsafe = [member.path for member in members if not is_safe(member.path)]
    if unsafe:
        raise MalformedFile(where, f"unsafe path {unsafe[0]!r}")
    twice = _in_the_way([member.path for member in members])
    if twice is not None:
        raise MalformedFile(where, f"two files at {twice!r}")
    return members


def _in_the_way(paths: list[str]) -> str | None:
    """A path that is there twice, or as a file and as a folder of another; None when there is none."""
    files: set[str] = set()
    for path in paths:
        if path in files:
            return path
        files.add(path)
    parts = (path.split("/") for path in paths)
    folders = {"/".join(part[:depth]) for part in parts for depth in range(1, len(part))}
    return next(iter(sorted(folders & files)), None)


def _member(line: dict[str, object]) -> Member:
    path, sha256, size = line["path"], line["sha256"], line["size"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        msg = f"size is {size!r}"
        raise ValueError(msg)
    if not isinstance(sha256, str) or not is_digest(sha256):
        msg = f"sha256 is {str(sha256)[:80]!r}"
        raise ValueError(msg)
    if not isinstance(path, str):
        msg = f"path is {path!r}"
        raise TypeError(msg)
    return Member(path, sha256, size)
