"""Files to move."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 10_000_000


def random_file(path: Path, size: int) -> Path:
    """A file that no store can compress or share."""
    with path.open("wb") as file:
        left = size
        while left:
            left -= file.write(os.urandom(min(left, _BLOCK)))
    return path


def random_folder(path: Path, count: int, size: int) -> Path:
    """A folder of many such files."""
    path.mkdir()
    for number in range(count):
        random_file(path / f"{number:05d}", size)
    return path
