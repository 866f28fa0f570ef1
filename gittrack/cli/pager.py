"""Long output through a pager, as Git does: `GIT_PAGER`, `core.pager`, `PAGER`, else `less`."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git

_DEFAULTS = {"LESS": "FRX", "LV": "-c"}  # Git's own: short output stays on the screen, colours are colours
_NOT_RUN = frozenset({126, 127})  # how a shell ends that cannot run a command


class _Collected(io.TextIOWrapper):
    """Output for a pager; whoever asks is told that a person reads."""

    def isatty(self) -> bool:
        """True: colours and widths are those of the terminal behind the pager."""
        return True


@contextlib.contextmanager
def paged(git: Git | None, *, wanted: bool = True) -> Iterator[None]:
    """Send standard output through the pager at the end, where somebody watches a terminal.

    Args:
        git: whose `core.pager` counts.
        wanted: false for output that should never be paged.
    """
    command = pager_of(git) if wanted and sys.stdout.isatty() else None
    if command is None:
        yield
        return
    screen, memory = sys.stdout, io.BytesIO()
    collected = sys.stdout = _Collected(memory, encoding=screen.encoding, errors=screen.errors)
    try:
        yield
    finally:
        sys.stdout = screen
        collected.flush()
    _show(command, memory.getvalue(), screen)


def pager_of(git: Git | None) -> str | None:
    """The command of the pager, as a shell reads it; None for none."""
    configured = git.config("core.pager") if git is not None else None
    for found in (os.environ.get("GIT_PAGER"), configured, os.environ.get("PAGER")):
        if found is not None:
            return None if found.strip() in {"", "cat"} else found
    return "less" if shutil.which("less") else None


def _show(command: str, data: bytes, screen: TextIO) -> None:
    screen.flush()
    environ = {**_DEFAULTS, **os.environ}
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=environ)  # noqa: S602  the user's own setting, as Git runs it
    waiting = True
    while waiting:
        with contextlib.suppress(KeyboardInterrupt):  # it is the pager's
            process.communicate(data)  # whether it reads to the end is its business
            waiting = False
    if process.returncode in _NOT_RUN:
        screen.buffer.write(data)
        screen.flush()
