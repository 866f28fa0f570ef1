"""The thread that brings a journal to the disk every few seconds."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from gittrack.core.files import sync_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SYNC_SECONDS = 5.0


class Syncs(Protocol):
    """What can be brought to the disk."""

    def sync(self) -> None:
        """Do it, and report trouble by other means than raising."""


def start_syncing(journal: Syncs, stop: threading.Event) -> None:
    """Call `journal.sync()` every few seconds until `stop`, or until nobody else holds the journal."""
    thread = threading.Thread(
        target=_sync_until, args=(weakref.ref(journal), stop, SYNC_SECONDS), name="gittrack-sync", daemon=True
    )
    with contextlib.suppress(RuntimeError):  # no more threads, or the interpreter is on its way out
        thread.start()


def _sync_until(reference: weakref.ref[Syncs], stop: threading.Event, interval: float) -> None:
    while not stop.wait(interval):
        journal = reference()
        if journal is None:
            return
        journal.sync()
        del journal


def sync_paths(paths: Iterable[Path]) -> None:
    """Wait until these files and their names are on the disk.

    They are opened anew: a copy of the journal's own descriptor would hold its lock a moment longer
    than the journal does.

    Raises:
        OSError: one is gone, or the disk refuses.
    """
    folders = set()
    for path in paths:
        descriptor = os.open(path, os.O_RDWR)
        try:
            sync_file(descriptor)
        finally:
            os.close(descriptor)
        folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)
