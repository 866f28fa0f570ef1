"""This machine: a process of its own that outlives the command that started it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from gittrack.core.files import try_lock
from gittrack.launch.backends import job_files
from gittrack.launch.backends.base import Handle, Option, Rejected, State, Ticket
from gittrack.launch.backends.job_files import ALIVE, LOG, exit_code, words
from gittrack.launch.backends.tail import tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Local:
    """Jobs as detached processes.

    A job holds a lock on a file of its folder from before it starts until it ends, however it ends: that says
    whether it lives, where a process id could be somebody else's by now.
    """

    NAME: ClassVar[str] = "local"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("environment", "mapping", "environment variables for the job"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._variables = {key: str(value) for key, value in options.get("environment", {}).items()}

    def shares(self, nonce: str) -> bool:  # noqa: ARG002  it is this machine
        """Always: it is this machine."""
        return True

    def submit(self, ticket: Ticket) -> Handle:
        """Start the process.

        Raises:
            Rejected: it cannot be started.
        """
        folder = Path(ticket.folder)
        alive = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try_lock(alive)
            with (folder / LOG).open("ab") as log:
                process = subprocess.Popen(
                    words(ticket),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env={**os.environ, **ticket.variables, **self._variables},
                    start_new_session=True,
                    pass_fds=() if sys.platform == "win32" else (alive,),
                )
        except OSError as error:
            msg = f"{ticket.python[0]} cannot be started: {error.strerror}"
            raise Rejected(msg, hint="check the Python that gittrack runs with") from error
        finally:
            os.close(alive)  # the process has a copy, and with it the lock
        process.returncode = 0  # nobody waits for it: Python need not warn of that
        return {"id": str(process.pid), "pid": process.pid, "folder": str(folder)}

    def status(self, handle: Handle) -> State:
        """Whether the process lives, and how it ended."""
        folder = Path(handle["folder"])
        _reap(handle["pid"])
        if job_files.lives(folder):
            return State("running")
        code = exit_code(folder)
        if code is None:
            return State("failed", None, "it was killed")
        return State("finished" if code == 0 else "failed", code)

    def cancel(self, handle: Handle) -> None:
        """Ask the process to end; its command gets the signal."""
        if job_files.lives(Path(handle["folder"])):
            with suppress(ProcessLookupError):
                os.kill(handle["pid"], signal.SIGTERM)

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the job prints."""
        return tail(Path(handle["folder"]) / LOG)

    def preview(self, ticket: Ticket) -> str:
        """The command of the process."""
        return shlex.join(words(ticket)) + "\n"


def _reap(pid: int) -> None:
    """Where it is a child of this process and has ended, let it go."""
    if sys.platform != "win32":
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
