"""What `gittrack ui` remembers: the columns that were chosen, for each repository, and nothing else.

The file says nothing of where repositories are: each goes by a digest of its path.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 100  # repositories
_COLUMNS = 200


class Memory:
    """The file of one repository's columns; one that cannot be read or written is as none.

    Args:
        path: the file, None to remember nothing.
        repository: the common Git directory.
    """

    def __init__(self, path: Path | None, repository: Path) -> None:
        self._path = path
        self._key = hashlib.sha256(str(repository).encode(errors="surrogateescape")).hexdigest()[:16]

    def columns(self) -> list[str] | None:
        """The columns that were chosen, None where none were."""
        found = self._read().get(self._key)
        if not isinstance(found, list) or not found or len(found) > _COLUMNS:
            return None
        return [name for name in found if isinstance(name, str)] or None

    def remember(self, columns: list[str] | None) -> None:
        """Remember columns; None forgets them."""
        if self._path is None:
            return
        known = self._read()
        known.pop(self._key, None)
        if columns:
            known[self._key] = columns[:_COLUMNS]
        kept = dict(list(known.items())[-_MOST:])
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomic(self._path, dump_json({"columns": kept}) + b"\n")

    def _read(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            found = load_json(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        columns = found.get("columns") if isinstance(found, dict) else None
        return columns if isinstance(columns, dict) else {}
