"""What runs the trials of a sweep: processes of this machine, or an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gittrack.launch.sweep.tasks import Done, Job
    from gittrack.launch.sweep.trials import Ending, Trial


class Runner(Protocol):
    """Runs trials, some at a time."""

    def start(self, job: Job) -> None:
        """Begin a trial; there must be room for it.

        Raises:
            GitTrackError: trials cannot be run at all.
        """
        ...

    def adopt(self, trial: Trial) -> bool:
        """Take over a trial that an earlier attempt began and that goes on without it; whether it does."""
        ...

    def wait(self, seconds: float) -> list[Done]:
        """Trials that have ended, as soon as there are any; after so many seconds, none.

        Raises:
            GitTrackError: trials cannot be run at all.
        """
        ...

    def end(self, number: int, how: Ending) -> None:
        """Have a trial end; it is among those that `wait` gives, sooner or later."""
        ...

    def close(self) -> None:
        """No more trials. Those that still run are ended at once."""
        ...
