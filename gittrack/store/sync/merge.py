"""The union of two tips of the runs branch, as values: nothing here runs Git.

Files of the branch are never rewritten, so a merge is a union. What can still meet (files that were
changed or removed by hand, or by an attack) is decided by content alone: for one path, *untouched*
gives way to *deleted*, *deleted* to *changed*, and of two changes the smaller object id stays. That
is the join of a semilattice, so any number of tips merged in any order give the same tree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLAIN = "100644"
_ROOMS = (".runs/", ".models/", ".mlflow/")
_TEXTS = (".md", ".rst", ".txt")
_PRINTABLE = re.compile(r"[ -\[\]-~]*", re.ASCII)
_UNSAFE = re.compile(r"(?:^|/)(?:\.git|git~1)?[. ]*(?::[^/]*)?(?:/|$)", re.IGNORECASE)
_TOP = frozenset({".gitattributes", "LICENSE", "README"})


class File(NamedTuple):
    """A file of a tree: its mode and the id of its content."""

    mode: str
    oid: str


Changes = Mapping[str, "File | None"]
"""Path to what became of it between two trees: a file, or None where it was deleted."""


class Union(NamedTuple):
    """How to get from our tree to the union.

    Attributes:
        edits: what to change.
        clashes: paths where the two sides disagreed, with what was done.
    """

    edits: dict[str, File | None]
    clashes: tuple[str, ...]


class Accepted(NamedTuple):
    """What of another clone's changes may come in.

    Attributes:
        changes: these.
        refused: path and reason of the others.
    """

    changes: dict[str, File | None]
    refused: tuple[str, ...]


def parse_raw(data: bytes) -> dict[str, File | None]:
    """Read the output of `git diff-tree -r -z --raw --no-abbrev`."""
    fields = data.decode(errors="surrogateescape").split("\0")
    changes: dict[str, File | None] = {}
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, oid, status = head.lstrip(":").split(" ")
        changes[path] = None if status == "D" else File(mode, oid)
    return changes


def union(ours: Changes, theirs: Changes) -> Union:
    """Join what two sides did since their merge base.

    Args:
        ours: base to our tip.
        theirs: base to their tip.

    Returns:
        What to change in our tree, and where the two disagreed.
    """
    result = dict(ours)
    clashes = []
    for path, new in theirs.items():
        if path not in ours:
            result[path] = new
        elif ours[path] != new:
            result[path] = _stronger(ours[path], new)
            clashes.append(f"{path}: changed on both sides, {_shown(result[path])} was kept")
    for path in _buried(result):
        result[path] = None
        clashes.append(f"{path}: a file and a folder, the folder was kept")
    edits = {path: new for path, new in result.items() if path not in ours or ours[path] != new}
    return Union(edits, tuple(clashes))


def accept(changes: Changes, reason: Callable[[str, File], str | None]) -> Accepted:
    """Sort out what another clone must not bring.

    Args:
        changes: what it brings.
        reason: why a file stays out, None when it may come in: :func:`hazard` or :func:`foreign`.
    """
    taken: dict[str, File | None] = {}
    refused = []
    for path, new in changes.items():
        why = reason(path, new or File(_PLAIN, ""))
        if why is None:
            taken[path] = new
        else:
            refused.append(f"{shown_path(path)}: {why}")
    return Accepted(taken, tuple(refused))


def hazard(path: str, file: File) -> str | None:
    """Why a file could do harm where the branch is checked out, None when it could not."""
    if file.mode != _PLAIN:
        return "not a plain file"
    if not _PRINTABLE.fullmatch(path):  # the common case costs one match: there may be a million paths
        kinds = {unicodedata.category(sign) for sign in path}
        if "\\" in path or kinds & {"Cc", "Cs", "Zl", "Zp"}:
            return "control characters in its name"
        path = "".join(sign for sign in path if unicodedata.category(sign) != "Cf")  # HFS ignores these
    if _UNSAFE.search(path):
        return "a name that Git or a file system takes for something else"
    return None


def foreign(path: str, file: File) -> str | None:
    """Why a file from an inbox does not belong on the runs branch, None when it does.

    Stricter than :func:`hazard`: who may push to an inbox need not be allowed to push to the branch,
    where a host may run what it finds in `.github/workflows`.
    """
    if path.startswith(_ROOMS) or path in _TOP or ("/" not in path and path.endswith(_TEXTS)):
        return hazard(path, file)
    return "not a path of gittrack's"


def shown_path(path: str) -> str:
    """A path that can be printed on one line."""
    return path if path.isprintable() else ascii(path)[1:-1]


def _stronger(one: File | None, other: File | None) -> File | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda file: (file.oid, file.mode))


def _shown(file: File | None) -> str:
    return file.oid[:12] if file else "the deletion"


def _buried(files: Changes) -> list[str]:
    """Paths of files that are also folders of other files."""
    folders = {folder for path, new in files.items() if new for folder in _folders(path)}
    return sorted(path for path, new in files.items() if new and path in folders)


def _folders(path: str) -> Iterator[str]:
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
