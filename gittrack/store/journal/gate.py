"""The gate of a live run: whoever begins, joins, commits or removes it goes through one after the other.

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
    with contextlib.ExitStack() as stack:
        yield _enter(stack, directory / _LOCK) and not (directory / _DONE).exists()


def _enter(stack: contextlib.ExitStack, lock: Path) -> bool:
    """Take the lock; False when the directory is gone."""
    while True:
        try:
            before = stack.enter_context(locked(lock, make_folder=False))
            if before == _identity(lock):
                return True
        except FileNotFoundError:
            return False
        # The run was committed while we waited, and begun anew: this is the gate of the old one.
        stack.close()


def _identity(lock: Path) -> tuple[int, int]:
    status = lock.stat()
    return status.st_dev, status.st_ino


def close_gate(directory: Path) -> None:
    """Mark a run as committed. The gate is held."""
    (directory / _DONE).touch()
