"""Long output through a pager, as Git does: `GIT_PAGER`, `core.pager`, `PAGER`, else `less`."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git

_DEFAULTS = {"LESS": "FRX", "LV": "-c"}  # Git's own: short output stays on the screen, colours are colours


class _Piped(io.TextIOWrapper):
    """A pipe to a pager; whoever asks is told that a person reads."""

    def isatty(self) -> bool:
        """True: colours and widths are those of the terminal behind the pager."""
        return True


@contextlib.contextmanager
def paged(git: Git | None, *, wanted: bool = True) -> Iterator[None]:
    """Send standard output through the pager while somebody watches a terminal.

    Args:
        git: whose `core.pager` counts.
        wanted: false for output that should never be paged.
    """
    command = pager_of(git) if wanted and sys.stdout.isatty() else None
    process = _started(command) if command else None
    if process is None or process.stdin is None:
        yield
        return
    screen = sys.stdout
    sys.stdout = _Piped(process.stdin, encoding=screen.encoding, errors="replace")
    try:
        yield
    except BrokenPipeError:  # the reader has seen enough
        pass
    finally:
        with contextlib.suppress(BrokenPipeError, ValueError):
            sys.stdout.close()
        sys.stdout = screen
        _wait(process)


def pager_of(git: Git | None) -> str | None:
    """The command of the pager, as a shell reads it; None for none."""
    configured = git.config("core.pager") if git is not None else None
    for found in (os.environ.get("GIT_PAGER"), configured, os.environ.get("PAGER")):
        if found is not None:
            return None if found.strip() in {"", "cat"} else found
    return "less" if shutil.which("less") else None


def _started(command: str) -> subprocess.Popen[bytes] | None:
    environ = {**_DEFAULTS, **os.environ}
    with contextlib.suppress(OSError):
        return subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=environ)  # noqa: S602  the user's own setting, as Git runs it
    return None


def _wait(process: subprocess.Popen[bytes]) -> None:
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # it is the pager's
            process.wait()
            return
