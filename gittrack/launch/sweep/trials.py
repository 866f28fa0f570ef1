"""Trials, and what came of a sweep; values only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.core.records import Run, Status
    from gittrack.launch.sweep.plan import Goal, Plan

OF = "gittrack.sweep.of"
"""Tag of a trial: the id of its sweep."""
NUMBER = "gittrack.sweep.trial"
"""Tag of a trial: its number, from 0."""
PRUNED = "gittrack.sweep.pruned"
"""Tag of a trial that was stopped early: why."""
TIMED_OUT = "gittrack.sweep.timeout"
"""Tag of a trial that took too long: its limit."""
PLAN = "gittrack.sweep.plan"
"""Tag of a sweep: its plan, JSON."""
BEST = "gittrack.sweep.best"
"""Tag of a sweep: the id of its best trial."""

_AGAIN = frozenset({"killed", "lost", "interrupted"})
OPEN = frozenset({"queued", "running"})
"""Status of a trial that has not ended."""


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: from 0.
        params: name to value.
        run_id: of its run.
        status: of its run.
        start_time: milliseconds since the epoch.
        end_time: the same, None while it runs.
        value: last value of the metric, None without one.
        step: of that value.
        pruned: why it was stopped early, None where it was not.
        timed_out: whether it took too long.
        error: what went wrong, in one line.
        metrics: the names of those that it logged.
    """

    number: int
    params: Mapping[str, Any]
    run_id: str
    status: Status = "running"
    start_time: int = 0
    end_time: int | None = None
    value: float | None = None
    step: int | None = None
    pruned: str | None = None
    timed_out: bool = False
    error: str | None = None
    metrics: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Its status, or `pruned`."""
        return "pruned" if self.pruned is not None else self.status

    @property
    def done(self) -> bool:
        """Whether it need not run again: it ended by itself, was pruned, or took too long."""
        if self.pruned is not None or self.timed_out:
            return self.status not in OPEN
        return self.status not in OPEN | _AGAIN

    @property
    def failed(self) -> bool:
        """Whether it went wrong."""
        return self.status not in OPEN | {"finished"} and self.pruned is None

    @property
    def duration_ms(self) -> int | None:
        """How long it took, None while it runs."""
        return None if self.end_time is None else max(0, self.end_time - self.start_time)

    def to_json(self) -> dict[str, Any]:
        """As `--json` has it."""
        value = self.value if self.value is None or math.isfinite(self.value) else str(self.value)
        return {
            "trial": self.number,
            "run_id": self.run_id,
            "status": self.state,
            "params": dict(self.params),
            "value": value,
            "step": self.step,
            "duration_ms": self.duration_ms,
            "reason": self.pruned or self.error,
        }


def of_run(run: Run, number: int, params: Mapping[str, Any], metric: str | None) -> Trial:
    """The trial that a run is."""
    summary = run.metrics.get(metric) if metric is not None else None
    return Trial(
        number,
        params,
        run.id,
        run.status,
        run.start_time,
        run.end_time,
        summary.last if summary is not None else None,
        summary.step if summary is not None else None,
        run.tags.get(PRUNED),
        TIMED_OUT in run.tags,
        _error(run),
        tuple(key for key in run.metrics if not key.startswith("system/")),
    )


def _error(run: Run) -> str | None:
    if run.status in OPEN | {"finished"}:
        return None
    if run.exit_code:
        return f"exit code {run.exit_code}"
    return f"{run.status} by {run.signal}" if run.signal else run.status


def best(trials: Iterable[Trial], goal: Goal) -> Trial | None:
    """The finished trial with the best value; the first of equals. None without a number anywhere."""
    found = [
        one
        for one in trials
        if one.status == "finished" and one.value is not None and not math.isnan(one.value)
    ]
    sign = 1 if goal == "min" else -1
    return min(found, key=lambda one: (sign * (one.value or 0.0), one.number), default=None)


@dataclass(frozen=True)
class SweepResult:
    """What came of a sweep.

    Attributes:
        run_id: of the sweep.
        plan: what was to be done.
        trials: those that were started, by number.
        status: of the sweep's run.
        reason: why not all were run, empty where all were.
    """

    run_id: str
    plan: Plan
    trials: tuple[Trial, ...]
    status: Status
    reason: str = ""

    @property
    def best(self) -> Trial | None:
        """The best finished trial, None without a metric or any value of it."""
        return best(self.trials, self.plan.goal)

    def to_json(self) -> dict[str, Any]:
        """As `--json` has it."""
        found = self.best
        return {
            "run_id": self.run_id,
            "status": self.status,
            "reason": self.reason,
            "sampler": self.plan.sampler,
            "planned": self.plan.trials,
            "seed": self.plan.seed,
            "metric": self.plan.metric,
            "goal": self.plan.goal if self.plan.metric is not None else None,
            "best": None if found is None else found.run_id,
            "trials": [one.to_json() for one in self.trials],
        }


class SweepFailed(GitTrackError):
    """No trial of a sweep came to anything, or too many failed.

    Attributes:
        run_id: of the sweep, which is recorded all the same.
    """

    def __init__(self, message: str, hint: str, run_id: str) -> None:
        super().__init__(message, hint)
        self.run_id = run_id


class NoSuchMetric(SweepFailed):
    """No trial logged the metric of the sweep."""


Ending = Literal["interrupt", "terminate", "kill"]
"""How a trial is ended: as by ^C, gently, at once."""
