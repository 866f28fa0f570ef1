"""Which artifacts also go onto the runs branch, so that a pull request shows them; pure.

Small pictures, tables and texts, under their own names. A name that some system cannot check out, or
that another one already has there in other letters, stays off the branch; the artifact itself is in
the artifact store like any other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.manifest import is_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gittrack.core.redact import Redactor

SUFFIXES = (".png", ".svg", ".csv", ".json", ".md", ".txt", ".html")
_PICTURE = ".png"
_LONGEST = 120  # bytes of a name, and
_DEEPEST = 240  # of a path: Windows allows 260 for all of it, and says so only where it is checked out
_GIT = re.compile(r"\.git|git~\d", re.IGNORECASE)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(?:\.|$)", re.IGNORECASE)
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


class Candidate(NamedTuple):
    """A file that a run made: path within the run's artifacts, digest, size in bytes."""

    path: str
    sha256: str
    size: int


def is_reviewable(path: str) -> bool:
    """Whether a reviewer can look at it, by its suffix, and it has a name that works everywhere."""
    return path.lower().endswith(SUFFIXES) and is_portable(path)


def is_portable(path: str) -> bool:
    """Whether Git takes a path, and every system can check it out."""
    return is_safe(path) and len(path.encode()) <= _DEEPEST and all(map(_is_portable, path.split("/")))


def choose(candidates: Iterable[Candidate], *, limit: int, total: int) -> list[Candidate]:
    """Which files go onto the branch, in their order.

    Args:
        candidates: what the run made, the most telling first.
        limit: largest file, bytes.
        total: of all of them, bytes; one that does not fit is passed over, those after it may.
    """
    chosen: list[Candidate] = []
    taken = _Taken()
    for one in candidates:
        if is_reviewable(one.path) and one.size <= min(limit, total) and taken.add(one.path):
            total -= one.size
            chosen.append(one)
    return chosen


def is_clean(path: str, content: bytes, redactor: Redactor) -> bool:
    """Whether no secret is found in a file; in a picture none is looked for."""
    return path.lower().endswith(_PICTURE) or redactor.bytes(content) == content


def contents(
    chosen: Iterable[Candidate], read: Callable[[str], bytes | None], redactor: Redactor
) -> dict[str, bytes]:
    """Path to content of the files that may go onto the branch.

    Args:
        chosen: which are wanted.
        read: gives the content of a digest, None where it is not here.
        redactor: knows secrets.
    """
    found = ((one.path, read(one.sha256)) for one in chosen)
    return {
        path: content for path, content in found if content is not None and is_clean(path, content, redactor)
    }


class _Taken:
    """Paths as a file system sees them that knows neither case nor composed letters."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, path: str) -> bool:
        """Take a path; False where a file, or a folder of that name, is there already."""
        parts = _folded(path).split("/")
        folders = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        name = "/".join(parts)
        if name in self._files or name in self._folders or folders & self._files:
            return False
        self._files.add(name)
        self._folders |= folders
        return True


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _is_portable(part: str) -> bool:
    return (
        len(part.encode(errors="replace")) <= _LONGEST
        and not part.endswith((".", " "))
        and not part.startswith(" ")
        and not _GIT.match(part)
        and not _DEVICE.match(part)
        and not any(unicodedata.category(sign) in _INVISIBLE for sign in part)
    )
