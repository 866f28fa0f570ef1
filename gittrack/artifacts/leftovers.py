"""What killed processes left in the folder of a local store."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AGES = {".*.tmp": 86400, "*.part": 7 * 86400}  # seconds without a byte; a download goes on where it stopped


def sweep(root: Path) -> None:
    """Remove files in the making after a day, and parts of downloads after a week."""
    now = time.time()
    for pattern, age in _AGES.items():
        for path in root.glob(pattern):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < now - age:
                    path.unlink()
