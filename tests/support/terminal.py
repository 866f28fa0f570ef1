"""A program in a terminal of its own: a pseudo-terminal that it controls, as in a terminal window."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE = 60.0


class Terminal:
    """Starts a program in a new session with a terminal.

    Args:
        command: its words.
        size: lines and columns.
    """

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (24, 80)) -> None:
        self.text = ""
        self.pid, self._master = pty.fork()
        if self.pid == 0:  # pragma: no cover  the program takes over
            with contextlib.suppress(OSError):
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
                os.execvp(command[0], list(command))  # noqa: S606  a test's own words
            os._exit(127)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def resize(self, lines: int, columns: int) -> None:
        """Drag the corner of the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait_for(self, text: str) -> str:
        """Read until some text was shown; gives everything shown so far."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self.text:
            if time.monotonic() > deadline or not self._read():
                msg = f"{text!r} did not come: {self.text!r}"
                raise AssertionError(msg)
        return self.text

    def end(self) -> int:
        """Read to the end; gives the exit code, negative for a signal."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self._master)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """End whatever still runs there."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], _PATIENCE)[0]:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # nobody holds the other end any more
            return False
        self.text += chunk.decode(errors="replace")
        return bool(chunk)
