"""Packing in the background, so that the user's own Git commands never pay for our objects.

A run leaves about nine loose objects; at 6,700 of them the next `git commit` or `git fetch` of the
user would stop for a garbage collection. After some hundred commits a process of low priority packs
them instead.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.files import locked
from gittrack.store.plumbing.git import discover
from gittrack.store.plumbing.place import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.plumbing.git import Git

EVERY = 250
"""Commits between two packings: about 2,000 loose objects, 4,000 where each run brings a snapshot."""
_GEOMETRIC = (2, 32)
_NICE = 19


def note(git: Git, commits: int, *, every: int = EVERY) -> bool:
    """Count commits that gittrack made, and start packing when there are enough.

    Args:
        git: the repository.
        commits: how many were made.
        every: how many are enough.

    Returns:
        Whether packing was started. What goes wrong is left for the next time.
    """
    if commits <= 0:
        return False
    try:
        if _count(git, commits) < every:
            return False
        _counter(git).unlink()  # whoever removes it starts the packing
        _detach([sys.executable, "-m", __name__, str(git.place.git_dir)])
    except OSError:
        return False
    return True


def pack(git: Git) -> bool:
    """Pack loose objects now; whether that was done.

    Nothing is done while another process packs or collects garbage.
    """
    if (git.place.common_dir / "gc.pid").exists():
        return False
    try:
        with locked(git.directory / "pack.lock", timeout=0):
            return git.run(*_command(git), check=False).status == 0
    except (TimeoutError, OSError):
        return False


def _command(git: Git) -> tuple[str, ...]:
    from gittrack.store.sync.remote import is_partial  # every commit loads this module, and few pack

    # A geometric repack would mix what a partial clone has with what it can fetch again.
    if version() < _GEOMETRIC or is_partial(git):
        return ("repack", "-d", "-q")
    return ("repack", "--geometric=2", "-d", "-q")


def _counter(git: Git) -> Path:
    return git.directory / "unpacked"


def _count(git: Git, commits: int) -> int:
    """One byte a commit: appending needs no lock, and the size is the count."""
    path = _counter(git)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, b"." * commits)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    _started: list[subprocess.Popen[bytes]] = []  # one that is forgotten while it runs warns

    def _detach(words: Sequence[str]) -> None:
        flags = subprocess.DETACHED_PROCESS | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        nowhere = subprocess.DEVNULL
        _started.append(
            subprocess.Popen(words, stdin=nowhere, stdout=nowhere, stderr=nowhere, creationflags=flags)
        )
else:

    def _detach(words: Sequence[str]) -> None:
        """Start a process that outlives us; the shell between makes it nobody's zombie."""
        command = 'cd / && "$@" </dev/null >/dev/null 2>&1 &'
        subprocess.run(["/bin/sh", "-c", command, "sh", *words], check=False, start_new_session=True)


def main(argv: Sequence[str]) -> None:
    """Pack the repository that is named, at low priority."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)
    pack(discover(Path(argv[1])))


if __name__ == "__main__":
    main(sys.argv)
