"""A running run shown to others: its state is pushed at an interval, from a thread."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore
    from gittrack.store.sync.live_refs import Publication

_LEAST = 1.0  # seconds: a host takes some pushes a minute
_PATIENCE = 20.0  # seconds that the end of a run waits for the remote


def publishing(store: RunStore, directory: Path) -> Publisher | None:
    """Begin to push the state of a live run, where the setting `live.publish_every` asks for it."""
    every: float = store.config.get("live.publish_every")
    if every <= 0:
        return None
    publisher = Publisher(store, directory, max(_LEAST, every))
    publisher.start()
    return publisher


class Publisher:
    """Pushes the state of one run until it is stopped. A failure is one warning, and is tried again.

    Args:
        store: of the run.
        directory: the live run.
        every: seconds between two pushes.
    """

    def __init__(self, store: RunStore, directory: Path, every: float) -> None:
        self._store = store
        self._directory = directory
        self._every = every
        self._stop = threading.Event()
        self._warned = False
        self._thread = threading.Thread(target=self._run, name="gittrack-publish", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and take the state away from the remote."""
        self._stop.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            from gittrack.store.sync.live_refs import Publication

            publication = Publication(self._store, self._directory.name)
            self._go_on(publication)
            publication.remove()
        except (GitTrackError, OSError) as error:
            self._complain(error)

    def _go_on(self, publication: Publication) -> None:
        from gittrack.core.times import now_ms
        from gittrack.store.journal.follow import Follower
        from gittrack.store.sync.live_state import pack

        follower = Follower(self._directory)
        wait = min(self._every, _LEAST)  # the first push: soon, and with something to show
        while not self._stop.wait(wait):
            wait = self._every
            follower.poll()
            run = follower.run
            if run is None:
                continue
            try:
                publication.put(pack(run, follower.tails.values(), now_ms(), self._every))
            except (GitTrackError, OSError) as error:
                self._complain(error)

    def _complain(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            text = f"the running run is not shown to others: {error}"
            warnings.warn(GitTrackWarning(text), stacklevel=2)
