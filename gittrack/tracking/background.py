"""What is captured while the program goes on: code, environment, system metrics.

None of it may cost the training, and none of it may stop it: it runs in a daemon thread, and a failure
is one warning.
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.events import EnvironmentCaptured, SourceCaptured
from gittrack.core.records import Source
from gittrack.tracking.publish import publishing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.core.config import Config
    from gittrack.store.journal.writer import Journal
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore
    from gittrack.tracking.monitor import Monitor

_PATIENCE = 60.0  # seconds that the end of a run waits for the capture of its code


class Background:
    """The capture of one run.

    Args:
        store: where the run goes.
        journal: of this process.
        cwd: the folder the program was started in.
        restore: puts the environment back as it was before the run.
        system_metrics: whether to sample them; None as configured.
        capture: whether code and environment are still to be captured.
    """

    def __init__(
        self,
        store: RunStore,
        journal: Journal,
        cwd: Path,
        restore: Callable[[], None],
        *,
        system_metrics: bool | None,
        capture: bool = True,
    ) -> None:
        self._restore = restore
        self._store = store
        self._journal = journal
        self._cwd = cwd
        self._thread: threading.Thread | None = None
        if capture:
            self._thread = threading.Thread(target=self._capture, name="gittrack-capture", daemon=True)
            self._thread.start()
        self._monitor = self._start_monitor(wanted=system_metrics)
        self._publisher = publishing(store, journal.directory)

    def stop(self) -> int | None:
        """Wait for the capture and stop sampling; gives the peak memory of the process in bytes."""
        from gittrack.tracking.monitor import peak_memory

        self._restore()
        if self._publisher is not None:
            self._publisher.stop()
        if self._monitor is not None:
            self._monitor.stop()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        return peak_memory()

    def _start_monitor(self, *, wanted: bool | None) -> Monitor | None:
        interval: float = self._store.config.get("monitor.interval")
        if wanted is False or (wanted is None and interval <= 0):
            return None
        from gittrack.tracking.monitor import Monitor

        monitor = Monitor(self._journal.point, interval if interval > 0 else 10.0)
        monitor.start()
        return monitor

    def _capture(self) -> None:
        try:
            self._journal.event(
                SourceCaptured(capture_source(self._store.code, self._store.config, self._cwd))
            )
            self._journal.event(EnvironmentCaptured(capture_environment(self._store.config)))
            self._store.recover()
        except (OSError, GitTrackError, ValueError) as error:
            warnings.warn(f"the code or environment is not recorded: {error}", GitTrackWarning, stacklevel=2)


def capture_source(git: Git | None, config: Config, cwd: Path) -> Source:
    """The code in the repository of the current folder."""
    from gittrack.tracking.snapshot import take

    if git is None:
        return Source(missing="not in a Git repository")
    return take(git, config, cwd)


def capture_environment(config: Config) -> dict[str, object]:
    """The document of `environment.yaml` for this interpreter."""
    from gittrack.tracking.environment import capture

    return capture(config=config)
