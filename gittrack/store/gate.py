"""The gate of a live run: whoever joins or commits it goes through, one after the other.

Without it a process could join a run in the moment between the last look at its writers and its
commit, and what it logs would be lost.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.files import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = "finish.lock"
_DONE = "committed"


@contextlib.contextmanager
def gate(directory: Path) -> Iterator[bool]:
    """Hold the gate of a live run while the block runs; gives whether the run is still open.

    Args:
        directory: of the live run.
    """
    try:
        with locked(directory / _LOCK, make_folder=False):
            yield (directory / _LOCK).exists() and not (directory / _DONE).exists()
    except FileNotFoundError:
        if directory.exists():
            raise
        yield False


def close_gate(directory: Path) -> None:
    """Mark a run as committed. The gate is held."""
    (directory / _DONE).touch()
