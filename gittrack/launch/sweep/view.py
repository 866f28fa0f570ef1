"""How a sweep stands, as a value for those who watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.launch.sweep.trials import OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.stopping import Curve
    from gittrack.launch.sweep.trials import Trial

INTERRUPTED, FAILURES, NO_METRIC, TIME_UP = "interrupted", "too many failures", "no metric", "the time is up"
"""Why a sweep ends before all trials have run."""


@dataclass(frozen=True)
class View:
    """How a sweep stands, for those who watch.

    Attributes:
        sweep_id: of its run.
        plan: of it.
        jobs: how many trials run at the same time.
        trials: by number; those that wait are not among them.
        curves: number to what was logged of the metric.
        best: the best finished trial so far.
        left: how many are still to be started.
        ended: the trial that has just ended, None where something else happened.
        elapsed_ms: since this attempt began.
        stopping: why no more are started, empty while there is no reason.
    """

    sweep_id: str
    plan: Plan
    jobs: int
    trials: Sequence[Trial]
    curves: Mapping[int, Curve]
    best: Trial | None
    left: int
    ended: Trial | None
    elapsed_ms: int
    stopping: str

    @property
    def remaining_ms(self) -> int | None:
        """How long the rest will take, by those that have ended; None where that cannot be said."""
        took = [one.duration_ms for one in self.trials if one.done and one.duration_ms is not None]
        running = sum(one.status in OPEN for one in self.trials)
        if not took or self.stopping or not self.left + running:
            return None
        return round(sum(took) / len(took) * (self.left + running / 2) / self.jobs)
