"""Reads objects one after the other through one `git cat-file --batch`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from typing import IO


class Batch:
    """A process that is asked for objects; the caller ends it with :meth:`close`.

    Args:
        start: starts the process, when the first object is asked for.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, name: str) -> bytes:
        """The content of an object.

        Args:
            name: an object id, or another name without line breaks.

        Raises:
            GitFailed: it is missing.
        """
        stdin, stdout = self._pipes()
        stdin.write(name.encode(errors="surrogateescape") + b"\n")
        stdin.flush()
        header = stdout.readline().split()
        if len(header) != 3:  # noqa: PLR2004  id, type, size
            raise GitFailed(("cat-file", name), 1, f"object {name} is missing")
        content = stdout.read(int(header[2]))
        stdout.read(1)
        return content

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with self._process as process, contextlib.suppress(BrokenPipeError):
                process.kill()
            self._process = None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = self._start()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            msg = "unreachable: both are pipes"
            raise AssertionError(msg)
        return stdin, stdout


def feed(stdin: IO[bytes], names: list[str]) -> None:
    """Write names to a batch process that reads them at its own pace, and close its input."""
    with contextlib.suppress(BrokenPipeError):
        for name in names:
            stdin.write(name.encode(errors="surrogateescape") + b"\n")
        stdin.close()
