"""The curves of a sweep's metric, read from the live journals of its trials while they run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.store.journal.follow import Follower

if TYPE_CHECKING:
    from gittrack.launch.sweep.stopping import Curve
    from gittrack.launch.sweep.trials import Trial
    from gittrack.store.runs import RunStore


class Curves:
    """What each trial has logged of one metric.

    Args:
        store: where the runs are.
        metric: the metric, None for none: then there are no curves.

    Attributes:
        known: number of the trial to its curve; long ones are thinned.
    """

    def __init__(self, store: RunStore, metric: str | None) -> None:
        self._store = store
        self._metric = metric
        self._followers: dict[int, Follower] = {}
        self.known: dict[int, Curve] = {}

    def look(self, trial: Trial) -> bool:
        """Read what a running trial has logged since the last look; whether the curve is longer now."""
        if self._metric is None:
            return False
        follower = self._followers.get(trial.number)
        if follower is None:
            follower = Follower(self._store.live_directory(trial.run_id))
            self._followers[trial.number] = follower
        if not follower.poll():
            return False
        if follower.gone:  # not begun yet, or committed already
            del self._followers[trial.number]
            return False
        tails = sorted((rank, tail) for (key, rank), tail in follower.tails.items() if key == self._metric)
        if not tails or not tails[0][1].count:
            return False
        points = [(point.step, point.value) for point in tails[0][1].history]
        last = tails[0][1].last
        if last is not None and points[-1] != (last.step, last.value):
            points.append((last.step, last.value))
        grown = points != self.known.get(trial.number)
        self.known[trial.number] = points
        return grown

    def ended(self, trial: Trial, *, whole: bool) -> None:
        """A trial has ended.

        Args:
            trial: with its last value.
            whole: whether its curve is still needed, to hold others against it.
        """
        self._followers.pop(trial.number, None)
        if self._metric is None:
            return
        if whole:
            with contextlib.suppress(GitTrackError):
                series = [one for one in self._store.series(trial.run_id) if one.key == self._metric]
                if series:
                    first = min(series, key=lambda one: one.rank)
                    self.known[trial.number] = list(zip(first.steps, first.values, strict=True))
        elif trial.value is not None and not self.known.get(trial.number):
            self.known[trial.number] = [(trial.step or 0, trial.value)]
