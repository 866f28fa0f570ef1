"""Starts trials, sees what comes of them, ends those that are not worth it, and stops when it is told to."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.events import TagsSet
from gittrack.core.times import now_ms
from gittrack.launch.sweep import stopping
from gittrack.launch.sweep.state import settled
from gittrack.launch.sweep.tasks import Job
from gittrack.launch.sweep.trials import PRUNED, TIMED_OUT, Trial, best, of_run
from gittrack.launch.sweep.view import FAILURES, INTERRUPTED, NO_METRIC, TIME_UP, View
from gittrack.launch.sweep.watch import Curves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.launch.sweep.interrupts import Interrupts
    from gittrack.launch.sweep.plan import Limits, Plan
    from gittrack.launch.sweep.runner import Runner
    from gittrack.launch.sweep.samplers import Sampler
    from gittrack.launch.sweep.tasks import Done
    from gittrack.launch.sweep.trials import Ending
    from gittrack.store.runs import RunStore

_LOOK = 0.2  # seconds between two looks at running trials
_ENOUGH = 3  # finished trials without the metric, after which nobody believes that it comes


class Scheduler:
    """One attempt of a sweep.

    Args:
        store: where the runs go.
        sweep_id: of the sweep.
        plan: of it.
        limits: of this attempt.
        sampler: that has learnt from the trials that are done.
        runner: of the trials.
        known: trials of earlier attempts.
        observe: called with each change.

    Attributes:
        trials: by number.
        reason: why it ended before all trials had run, empty where it did not.
    """

    def __init__(  # noqa: PLR0913  what it needs
        self,
        store: RunStore,
        sweep_id: str,
        plan: Plan,
        limits: Limits,
        sampler: Sampler,
        runner: Runner,
        *,
        known: Sequence[Trial] = (),
        observe: Callable[[View], None] | None = None,
    ) -> None:
        self._store = store
        self._sweep_id = sweep_id
        self._plan = plan
        self._limits = limits
        self._sampler = sampler
        self._runner = runner
        self._observe = observe
        self._rule = stopping.parse(plan.stop) if plan.stop is not None else None
        self._curves = Curves(store, plan.metric)
        self._again: list[Trial] = []
        self._running: dict[int, float] = {}
        self._ending: set[int] = set()
        self._next = 0
        self._failures = 0
        self._began = time.monotonic()
        self._looked = 0.0
        self.trials: dict[int, Trial] = {}
        self.reason = ""
        for one in known:
            self._remember(one)

    def _remember(self, trial: Trial) -> None:
        """A trial of an earlier attempt: it is done, still runs somewhere, or was lost."""
        if not trial.done and not self._runner.adopt(trial):
            self._again.append(trial)
            return
        self.trials[trial.number] = trial
        if trial.done:
            self._curves.ended(trial, whole=self._rule is not None)
        else:
            self._running[trial.number] = time.monotonic()

    def run(self, interrupts: Interrupts) -> None:
        """Run what is left.

        Args:
            interrupts: the first one ends what runs as ^C does, the second one kills it.
        """
        handled = 0
        while True:
            if interrupts.count > handled:
                handled += 1
                self.reason = INTERRUPTED
                self._end_all("interrupt" if handled == 1 else "kill")
            self._fill()
            if not self._running:
                return
            for done in self._runner.wait(_LOOK):
                self._take(done)
            if time.monotonic() - self._looked >= _LOOK:
                self._look()

    # ---- starting

    def _fill(self) -> None:
        while not self.reason and len(self._running) < self._limits.jobs:
            if self._limits.timeout is not None and time.monotonic() - self._began > self._limits.timeout:
                self.reason = TIME_UP
                return
            job = self._job()
            if job is None:
                return
            self._running[job.number] = time.monotonic()
            self.trials[job.number] = Trial(job.number, job.params, job.run_id, start_time=now_ms())
            self._runner.start(job)
            self._tell()

    def _job(self) -> Job | None:
        """The next trial: those that were lost first, with the params they had."""
        run_id = self._store.new_id()
        if self._again:
            lost = self._again.pop(0)
            whole = lost.params.keys() == self._plan.space.keys()
            learns = self._plan.sampler == "tpe"
            return Job(
                lost.number, lost.params if learns and whole else self._sampler.ask(lost.number), run_id
            )
        while self._next in self.trials:
            self._next += 1
        if self._next >= self._plan.trials:
            return None
        return Job(self._next, self._sampler.ask(self._next), run_id)

    # ---- ending

    def _take(self, done: Done) -> None:
        self._running.pop(done.number, None)
        self._ending.discard(done.number)
        before = self.trials[done.number]
        run = done.run or settled(self._store, before.run_id)
        if run is None:
            trial = replace(
                before, status="failed", end_time=now_ms(), error=done.error or "it was not recorded"
            )
        else:
            trial = of_run(run, done.number, before.params, self._plan.metric)
            trial = replace(trial, error=done.error or trial.error)
        self.trials[done.number] = trial
        self._curves.ended(trial, whole=self._rule is not None)
        self._sampler.tell(trial)
        if trial.failed and not self.reason:
            self._failures += 1
            if self._limits.max_failures is not None and self._failures >= self._limits.max_failures:
                self.reason = FAILURES
                self._end_all("terminate")
        self._check_metric()
        self._tell(trial)

    def _check_metric(self) -> None:
        """Give up early where the search is blind: nobody logs the metric it goes by."""
        if self._plan.metric is None or not (self._plan.sampler == "tpe" or self._rule) or self.reason:
            return
        finished = [one for one in self.trials.values() if one.status == "finished"]
        if len(finished) >= _ENOUGH and all(one.value is None for one in finished):
            self.reason = NO_METRIC
            self._end_all("terminate")

    def _end_all(self, how: Ending) -> None:
        for number in self._running:
            self._runner.end(number, how)

    # ---- looking

    def _look(self) -> None:
        self._looked = time.monotonic()
        changed = False
        for number in list(self._running):
            trial = self.trials[number]
            grown = (self._observe is not None or self._rule is not None) and self._curves.look(trial)
            changed |= grown
            if number in self._ending or self.reason:
                continue
            if grown and self._rule is not None:
                self._judge(trial)
            limit = self._limits.trial_timeout
            if limit is not None and time.monotonic() - self._running[number] > limit:
                self._end_early(trial, TIMED_OUT, f"it took more than {limit:g} s")
        self._tell()

    def _judge(self, trial: Trial) -> None:
        assert self._rule is not None  # noqa: S101  narrows the type
        others = [curve for number, curve in self._curves.known.items() if number != trial.number]
        why = stopping.reason(self._rule, self._curves.known[trial.number], others, self._plan.goal)
        if why is not None:
            self._end_early(trial, PRUNED, why)

    def _end_early(self, trial: Trial, tag: str, why: str) -> None:
        """Say why in its run first: what reads it later knows that it was no accident."""
        with contextlib.suppress(GitTrackError, OSError):  # it has ended by itself, or has not begun
            journal = self._store.join(trial.run_id)
            journal.event(TagsSet({tag: why}))
            journal.close()
            self._store.finish(trial.run_id)  # it may have ended meanwhile, and waited for us
            self._ending.add(trial.number)
            self._runner.end(trial.number, "terminate")

    def _tell(self, ended: Trial | None = None) -> None:
        if self._observe is None:
            return
        trials = [self.trials[number] for number in sorted(self.trials)]
        started = len({*self.trials, *(one.number for one in self._again)})
        self._observe(
            View(
                self._sweep_id,
                self._plan,
                self._limits.jobs,
                trials,
                self._curves.known,
                best(trials, self._plan.goal),
                self._plan.trials - started + len(self._again),
                ended,
                round(1000 * (time.monotonic() - self._began)),
                self.reason,
            )
        )
