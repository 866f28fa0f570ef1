"""Files of metrics that a command writes while it runs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class MetricsWritten:
    """Remembers how the files were before, so that those of an earlier run are not taken for new ones.

    Args:
        files: as the user named them.
        here: where relative names start.
    """

    def __init__(self, files: Iterable[Path], here: Path) -> None:
        self._before = {path: _mark(here / path) for path in files}
        self._here = here

    def log(self, point: Callable[[str, float, int | None], None]) -> None:
        """Log what the files hold now; what cannot be read is a warning."""
        for path, before in self._before.items():
            mark = _mark(self._here / path)
            if mark is None:
                _warn(path, "it was not written")
            elif mark == before:
                _warn(path, "it is older than the run")
            else:
                self._log(path, point)

    def _log(self, path: Path, point: Callable[[str, float, int | None], None]) -> None:
        from gittrack.tracking.metric_files import read_metrics

        try:
            for key, value, step in read_metrics(self._here / path):
                point(key, value, step)
        except GitTrackError as error:
            _warn(path, error.message)


def _warn(path: Path, reason: str) -> None:
    warnings.warn(f"no metrics from {path}: {reason}", GitTrackWarning, stacklevel=4)


def _mark(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is written; None without the file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
