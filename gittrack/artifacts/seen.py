"""What big files were when they were last read, so that one that did not change is not read again.

Disposable, like any cache: one small file for each under `seen/` in the folder of the store, named by
device and inode. An entry counts only if size and both times are what they were. It is made only of a
file that was *settled* (`content.Identity`): Git's rule for files whose times are too fresh to tell two
states apart, with room for pages written through mmap.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.artifacts.content import Identity

LEAST = 8_000_000  # bytes; a smaller file is read as fast as its entry
_KEPT = 90 * 86400  # seconds without use


class Seen:
    """The digests of files by their state.

    Args:
        folder: where the entries are; made when the first comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def digest(self, identity: Identity) -> str | None:
        """The digest of a file in this state, None when it must be read."""
        if identity.size < LEAST:
            return None
        try:
            entry = load_json(self._path(identity).read_bytes())
            state, sha256 = entry["state"], entry["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return sha256 if state == list(identity) and isinstance(sha256, str) else None

    def note(self, identity: Identity, sha256: str) -> None:
        """Remember a file that was in this state, and settled, when it was read; nothing if it is small."""
        if identity.size < LEAST:
            return
        with contextlib.suppress(OSError):  # a full disk costs the memory, nothing else
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._path(identity), dump_json({"state": list(identity), "sha256": sha256}))

    def trim(self) -> None:
        """Forget files that were not noted for three months."""
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.stat().st_mtime < time.time() - _KEPT:
                    path.unlink(missing_ok=True)

    def _path(self, identity: Identity) -> Path:
        return self._folder / f"{identity.device}-{identity.inode}"
