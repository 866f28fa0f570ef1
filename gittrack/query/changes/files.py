"""The artifacts of two runs, file by file: what came, what went, and how the numbers in it changed; pure.

Contents come from a callback, so that nothing is fetched unless the caller wants that.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from gittrack.query.verdict.numbers import differences
from gittrack.query.verdict.rules import OUTPUT, ArtifactRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.core.records import Artifact, Run
    from gittrack.query.verdict.artifacts import Reader

Kind = Literal["numbers", "image", "file", "directory"]
LARGEST = 4_000_000
"""Bytes of a file that is compared number by number."""
_SHOWN = 5
_COUNTED = 100_000
_NUMBERS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class FileSide:
    """A file in one of the runs: digest in hexadecimal and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that the runs do not both have with the same content.

    Attributes:
        path: within the run.
        kind: what is known of it.
        before: in the first run, None where it has none.
        after: in the second.
        notes: what differs within, one line each, at most 5; empty where only the digests are known.
        more: how many more differences there are within.
    """

    path: str
    kind: Kind
    before: FileSide | None
    after: FileSide | None
    notes: tuple[str, ...] = ()
    more: int = 0

    def as_json(self) -> dict[str, Any]:
        """`{path, kind, before, after, notes, more}`; a side is `{sha256, size}` or null."""
        sides = {
            name: None if one is None else {"sha256": one.sha256, "size": one.size}
            for name, one in (("before", self.before), ("after", self.after))
        }
        return {"path": self.path, "kind": self.kind, **sides, "notes": list(self.notes), "more": self.more}


def file_changes(before: Run, after: Run, reader: Reader) -> tuple[FileChange, ...]:
    """The artifacts in which two runs differ, by path; their captured output apart.

    A directory whose digest differs is looked into where both manifests can be had.
    """
    old, new = (_files(run, other, reader) for run, other in ((before, after), (after, before)))
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path) and path != OUTPUT)
    return tuple(_change(path, (before, old.get(path)), (after, new.get(path)), reader) for path in paths)


def _files(run: Run, other: Run, reader: Reader) -> Mapping[str, tuple[str, int, bool]]:
    """Path to digest, size and whether it is a directory that cannot be looked into."""
    known = {(one.path, one.sha256) for one in other.artifacts}
    theirs = {one.path: one for one in other.artifacts if one.kind == "directory"}
    found: dict[str, tuple[str, int, bool]] = {}
    for one in run.artifacts:
        members = None
        if one.path in theirs and one.kind == "directory" and (one.path, one.sha256) not in known:
            members = _members(run, one, other, theirs[one.path], reader)
        if members is None:
            found[one.path] = (one.sha256, one.size, one.kind == "directory")
        else:
            found |= {f"{one.path}/{file.path}": (file.sha256, file.size, False) for file in members}
    return found


def _members(run: Run, mine: Artifact, other: Run, theirs: Artifact, reader: Reader) -> Sequence[Any] | None:
    """The files of a directory, None unless those of both can be had."""
    found = reader.members(run, mine)
    return found if found is not None and reader.members(other, theirs) is not None else None


def _change(
    path: str,
    before: tuple[Run, tuple[str, int, bool] | None],
    after: tuple[Run, tuple[str, int, bool] | None],
    reader: Reader,
) -> FileChange:
    old, new = before[1], after[1]
    kind = _kind(path, *(one for one in (old, new) if one is not None))
    left_side, right_side = (None if one is None else FileSide(one[0], one[1]) for one in (old, new))
    bare = FileChange(path, kind, left_side, right_side)
    if old is None or new is None or kind not in {"numbers", "image"} or max(old[1], new[1]) > LARGEST:
        return bare
    left, right = reader.read(before[0], path, old[0]), reader.read(after[0], path, new[0])
    if left is None or right is None:
        return bare
    notes = list(islice(_within(path, kind, left, right), _COUNTED))
    return replace(bare, notes=tuple(notes[:_SHOWN]), more=len(notes[_SHOWN:]))


def _kind(path: str, *sides: tuple[str, int, bool]) -> Kind:
    lower = path.lower()
    if any(directory for _, _, directory in sides):
        return "directory"
    return "numbers" if lower.endswith(_NUMBERS) else "image" if lower.endswith(_IMAGES) else "file"


def _within(path: str, kind: Kind, before: bytes, after: bytes) -> Iterator[str]:
    if kind == "numbers":
        yield from differences(path, before, after, ArtifactRule("numeric"))
        return
    old, new = _pixels(before), _pixels(after)
    if old and new:
        yield f"{old} pixels" if old == new else f"{old} → {new} pixels"


def _pixels(data: bytes) -> str | None:
    """Width and height in the header of a PNG, None for other formats."""
    if not data.startswith(_PNG) or len(data) < 24:  # noqa: PLR2004  up to the height
        return None
    width, height = struct.unpack(">II", data[16:24])
    return f"{width}x{height}"
