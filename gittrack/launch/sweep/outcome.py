"""What came of a sweep, and what is wrong with it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.launch.sweep.trials import NoSuchMetric, SweepFailed, SweepResult, best
from gittrack.launch.sweep.view import FAILURES, INTERRUPTED, NO_METRIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Status
    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.trials import Trial


def result_of(sweep_id: str, plan: Plan, known: Mapping[int, Trial], reason: str) -> SweepResult:
    """The result of a sweep.

    Args:
        sweep_id: of its run.
        plan: of it.
        known: its trials by number.
        reason: why not all were run, empty where all were.
    """
    trials = tuple(known[number] for number in sorted(known))
    status: Status = "finished"
    if reason == INTERRUPTED:
        status = "interrupted"
    elif reason in {FAILURES, NO_METRIC} or not _came_to_something(plan, trials):
        status = "failed"
    return SweepResult(sweep_id, plan, trials, status, reason)


def _came_to_something(plan: Plan, trials: Sequence[Trial]) -> bool:
    if plan.metric is not None:
        return best(trials, plan.goal) is not None
    return any(not one.failed for one in trials)


def raise_for(result: SweepResult) -> None:
    """Raise what is wrong with a sweep that has ended; nothing where it is well.

    Raises:
        KeyboardInterrupt: it was interrupted.
        SweepFailed: no trial came to anything, or too many failed.
        NoSuchMetric: no trial logged the metric.
    """
    if result.status == "interrupted":
        raise KeyboardInterrupt
    if result.status != "failed":
        return
    failed = [one for one in result.trials if one.failed]
    hint = f"`gittrack show {failed[0].run_id}` has its output" if failed else "`gittrack ls` shows the runs"
    first = f": {failed[0].error}" if failed else ""
    if result.reason == FAILURES:
        msg = f"{len(failed)} trials failed, the first with{first[1:]}"
        raise SweepFailed(msg, hint, result.run_id)
    if failed and len(failed) == len(result.trials):
        msg = f"all {len(failed)} trials failed, the first with{first[1:]}"
        raise SweepFailed(msg if len(failed) > 1 else f"the only trial failed{first}", hint, result.run_id)
    raise _no_metric(result)


def _no_metric(result: SweepResult) -> NoSuchMetric:
    import difflib

    metric = result.plan.metric or ""
    logged = list(dict.fromkeys(key for one in result.trials for key in one.metrics))
    near = difflib.get_close_matches(metric, logged, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"they logged {', '.join(logged[:10]) or 'no metric'}"
    what = "as a number" if metric in logged else ""
    return NoSuchMetric(f"no trial logged the metric {metric!r} {what}".rstrip(), hint, result.run_id)
