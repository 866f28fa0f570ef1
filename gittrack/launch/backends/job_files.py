"""The folder of a job, `gittrack/jobs/RUN` in the Git directory of the runs, and how a job is started."""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.files import is_locked, locked, write_atomic
from gittrack.core.ids import check_run_id, is_run_id, random_text
from gittrack.core.text import dump_json, load_json
from gittrack.launch.backends.base import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git

TICKET, NONCE, LOG, ALIVE, EXIT = "ticket.json", "nonce", "log", "alive", "exit"
_LINGER = 60.0  # seconds
INLINE = "GITTRACK_TICKET"
"""The variable that has the ticket where the job cannot read the submitter's files."""


def folder_of(git: Git, run_id: str) -> Path:
    """Where the job of a run keeps its files."""
    return git.directory / "jobs" / check_run_id(run_id)


def make_folder(git: Git, run_id: str) -> str:
    """Make the folder, for nobody else to read; gives the nonce in it."""
    folder = folder_of(git, run_id)
    folder.mkdir(mode=0o700, parents=True)
    nonce = random_text(32)
    write_atomic(folder / NONCE, nonce.encode())
    return nonce


@contextmanager
def probe(git: Git) -> Iterator[Path]:
    """A file in the repository while the block runs: who sees it shares the file system."""
    folder = git.directory / "jobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f".probe-{random_text(12)}"
    path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def write_ticket(ticket: Ticket) -> None:
    """Keep the ticket in its folder; params may be private, so only for the owner's eyes."""
    path = Path(ticket.folder) / TICKET
    path.touch(mode=0o600)
    path.write_bytes(dump_json(ticket.to_json()))


def read_ticket(text: bytes | str) -> Ticket:
    """The ticket that a text holds.

    Raises:
        ValueError: it is none.
    """
    document = load_json(text)
    if not isinstance(document, dict):
        msg = "not a ticket"
        raise ValueError(msg)  # noqa: TRY004  the text comes from a file
    return Ticket.from_json(document)


def words(ticket: Ticket) -> list[str]:
    """The words of the job's command: with the ticket's path where the job can read it."""
    where = [os.path.join(ticket.folder, TICKET)] if ticket.shared else []  # noqa: PTH118  text for another machine
    return [*ticket.python, "-m", "gittrack", "exec", *where]


def inline(ticket: Ticket) -> str:
    """The ticket as the value of `GITTRACK_TICKET`."""
    return dump_json(ticket.to_json()).decode()


def is_shared(ticket: Ticket) -> bool:
    """Whether this process records in the submitter's repository: it shall, and the nonce stands there."""
    with suppress(OSError):
        return ticket.shared and (Path(ticket.folder) / NONCE).read_text() == ticket.nonce
    return False


def lives(folder: Path) -> bool:
    """Whether a job of this machine lives: it has held the lock since before it started."""
    if is_locked(folder / ALIVE):
        return True
    if sys.platform == "win32":  # where a process inherits no lock: it takes its own when it has started
        return exit_code(folder) is None and time.time() - (folder / ALIVE).stat().st_mtime < _LINGER
    return False


@contextmanager
def alive(ticket: Ticket) -> Iterator[None]:
    """Hold the lock of this job where it is not inherited."""
    with ExitStack() as stack:
        if sys.platform == "win32":
            stack.enter_context(locked(Path(ticket.folder) / ALIVE))
        yield


def keep_exit_code(folder: Path, code: int) -> None:
    """Note how the job's process ended."""
    with suppress(OSError):
        write_atomic(folder / EXIT, str(code).encode())


def exit_code(folder: Path) -> int | None:
    """How the job's process ended, None where it was killed or has not ended."""
    with suppress(OSError, ValueError):
        return int((folder / EXIT).read_text())
    return None


def remove_folder(git: Git, run_id: str) -> None:
    """Forget the files of a job."""
    shutil.rmtree(folder_of(git, run_id), ignore_errors=True)


def left(git: Git) -> list[str]:
    """The runs whose jobs left a folder some time ago; whoever follows one looks there a little longer."""
    with suppress(OSError):
        old = time.time() - _LINGER
        folders = (git.directory / "jobs").iterdir()
        return [one.name for one in folders if is_run_id(one.name) and one.stat().st_mtime < old]
    return []
