"""One run that this process writes to."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from gittrack.mlflow import marks
from gittrack.mlflow.view import params_of, rank

if TYPE_CHECKING:
    from gittrack.core.events import Event
    from gittrack.core.records import Run
    from gittrack.mlflow.writing import Writing
    from gittrack.store.journal.writer import Journal

OVER = "mlflow-over"
"""In the folder of a live run: it has ended, let go of it."""
CHANGED = "mlflow-changed"
"""The same: it was deleted or restored."""


class Open:
    """A run that is open here.

    Attributes:
        run_id: its id.
        journal: of this process.
        later: whether it had ended before, and only gets additions.
        alone: whether it began here, so that all of it is known here while nobody else writes to it.
        unordered: whether a point came that is not the newest.
        params: what is known of its params.
        deleted: whether MLflow shows it as deleted.
        used: when something came last, seconds of the monotonic clock.
    """

    def __init__(
        self, writing: Writing, run: Run, journal: Journal, *, later: bool = False, new: bool = False
    ) -> None:
        self.run_id = run.id
        self._writing = writing
        self.journal = journal
        self.later = later
        self.lock = threading.RLock()
        self.params = params_of(run)
        self.deleted = run.deleted or run.tags.get(marks.HIDDEN) == "1"
        self.alone = new
        self.unordered = not new
        self.used = time.monotonic()
        self._marks = [str(journal.directory / name) for name in (OVER, CHANGED)]
        self._stamps = [*map(_stamp, self._marks)]
        self._newest: dict[str, tuple[int, int, float]] = {}

    def is_current(self) -> bool:
        """Whether nobody else ended, deleted or restored it."""
        return self._stamps == [*map(_stamp, self._marks)]

    def point(self, key: str, value: float, step: int, time_ms: int) -> None:
        """Log one point."""
        with self.lock:
            if not self.journal.closed:
                self.used = time.monotonic()
                self.journal.point(key, value, step, time_ms * 1_000_000)
                newest = rank(step, time_ms, value)
                if newest >= self._newest.get(key, newest):
                    self._newest[key] = newest
                else:
                    self.unordered = True
                return
        self._writing.open(self.run_id).point(key, value, step, time_ms)

    def event(self, event: Event) -> None:
        """Log anything else."""
        with self.lock:
            if not self.journal.closed:
                self.used = time.monotonic()
                self.journal.event(event)
                return
        self._writing.open(self.run_id).event(event)


def _stamp(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  the hot path
    except OSError:
        return 0
