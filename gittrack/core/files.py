"""Files that are whole or not there, and locks that end with their process."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

_SOON = 2.0  # seconds
_LOCK_BYTE = 2**31 - 2  # Windows locks bytes: one far behind anything that is written

if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int, *, shared: bool = False) -> bool:  # noqa: ARG001  Windows has no shared one
        """Take the lock of an open file without waiting; whether it was free."""
        os.lseek(descriptor, _LOCK_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(descriptor: int, *, shared: bool = False) -> bool:
        """Take the lock of an open file without waiting; whether it was free.

        The lock belongs to the open file: it ends when the last descriptor of it is closed, those
        that a forked child inherited included.

        Args:
            descriptor: of the file.
            shared: let others take it shared at the same time.

        Raises:
            OSError: the file system has no locks.
        """
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def write_atomic(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Write a file so that a reader sees all of it or none, whatever happens meanwhile.

    Args:
        path: its folder must exist.
        data: the content.
        sync: also wait until it is on the disk, so that it survives a power cut.
    """
    temporary = path.with_name(f".{path.name[:100]}.{random_text(8)}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


@contextlib.contextmanager
def partial_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that appears under its name when the block has ended well.

    Args:
        path: its folder must exist. A device or pipe is written to as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    temporary = path.with_name(f".{path.name[:100]}.{random_text(8)}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_file(descriptor: int) -> None:
    """Wait until the content of an open file is on the disk."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk; nothing where folders cannot be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock of the file; True where that cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # somebody else's file: leave it alone
    try:
        return not try_lock(descriptor, shared=True)
    except OSError:
        return True
    finally:
        os.close(descriptor)


class Unneeded(Exception):
    """What the lock was wanted for has been done by somebody else."""


@contextlib.contextmanager
def locked(
    path: Path,
    *,
    timeout: float = 60.0,
    make_folder: bool = True,
    unless: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, int]]:
    """Hold an exclusive lock while the block runs; gives device and inode of what is locked.

    The file stays; only its lock matters.

    Args:
        path: the lock file, made when missing.
        timeout: seconds to wait.
        make_folder: whether to make the folder of the lock file when it is missing.
        unless: asked while another process holds the lock; True ends the waiting.

    Raises:
        Unneeded: `unless` said so; the block does not run.
        TimeoutError: another process held it for the whole time.
        FileNotFoundError: there is no folder, and none was to be made.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _wait_for(descriptor, path, timeout, unless)
        status = os.fstat(descriptor)
        yield status.st_dev, status.st_ino
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, timeout: float, unless: Callable[[], bool] | None) -> None:
    began = time.monotonic()
    pause = 0.0005
    while not try_lock(descriptor):
        if unless is not None and unless():
            raise Unneeded
        waited = time.monotonic() - began
        if waited > timeout:
            msg = f"{path} was locked by another process for {timeout:.0f} s"
            raise TimeoutError(msg)
        time.sleep(pause)
        # Most locks are held for milliseconds; on a network file system each try is a request.
        pause = min(pause * 2, 0.002 if waited < _SOON else 0.02)
