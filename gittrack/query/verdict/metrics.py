"""The metrics of a run and its repeats, series by series; pure.

Without a tolerance every point has to be the same. With one, the last value decides: how a training got
there may vary. Steps and values count, times do not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gittrack.core.series import Series
from gittrack.query.verdict.rules import metric_rule
from gittrack.query.verdict.statistics import interval
from gittrack.query.verdict.values import Divergence, MetricResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.query.verdict.rules import MetricRule
    from gittrack.query.verdict.values import Evidence, Outcome

    Key = tuple[str, int]
    Columns = Mapping[Key, Series]

ORDER: Mapping[Outcome, int] = {
    "identical": 0,
    "within tolerance": 1,
    "statistically consistent": 2,
    "unknown": 3,
    "differs": 4,
}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of some outcomes, `identical` of none."""
    return max(outcomes, key=ORDER.__getitem__, default="identical")


def judge_metrics(
    original: Evidence,
    repeats: Sequence[Evidence],
    earlier: Sequence[Evidence] = (),
    rules: Mapping[str, Any] | None = None,
) -> tuple[MetricResult, ...]:
    """Hold the metrics of repeats against those of the original.

    Args:
        original: the run.
        repeats: the new ones.
        earlier: stored repeats of it, for statistics.
        rules: the setting `metrics`.

    Raises:
        InvalidValue: a rule is none.
    """
    before = _columns(original)
    after = [_columns(one) for one in repeats]
    known = [before, *(_columns(one) for one in earlier)]
    keys = dict.fromkeys([*before, *(key for one in after for key in one)])
    judged = [(_judged(key, before, repeats, after, metric_rule(key[0], rules or {}))) for key in keys]
    open_ones = [one for one in judged if one.gate and one.outcome == "differs"]
    tests = len(open_ones) * max(len(repeats), 1)
    return tuple(_statistics(one, known, after, tests) if one in open_ones else one for one in judged)


def unsteady_metrics(runs: Sequence[Evidence], rules: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The metrics that count and in which runs of one fingerprint disagree.

    Args:
        runs: of one fingerprint.
        rules: the setting `metrics`.
    """
    columns = [_columns(one) for one in runs]
    keys = dict.fromkeys(key for one in columns for key in one)
    found = (key for key in keys if any(not _same(columns[0].get(key), one.get(key)) for one in columns[1:]))
    return tuple(dict.fromkeys(key for key, _ in found if metric_rule(key, rules or {}).gate))


def _columns(evidence: Evidence) -> Columns:
    return {(one.key, one.rank): one.effective() for one in evidence.series if len(one)}


def _same(left: Series | None, right: Series | None) -> bool:
    if left is None or right is None:
        return left is right
    return left.steps == right.steps and all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(left.values, right.values, strict=True)
    )


def _judged(
    key: Key, before: Columns, repeats: Sequence[Evidence], after: Sequence[Columns], rule: MetricRule
) -> MetricResult:
    old = before.get(key)
    outcomes: list[Outcome] = [_outcome(old, one.get(key), rule) for one in after]
    parted = (
        divergence(old, one.get(key), evidence.run.id)
        for evidence, one in zip(repeats, after, strict=True)
        if not _same(old, one.get(key))
    )
    return MetricResult(
        *key,
        _last(old),
        tuple(_last(one.get(key)) for one in after),
        worst(outcomes),
        rule.gate,
        rule.atol or 0.0,
        rule.rtol or 0.0,
        rule.goal,
        next(parted, None),
    )


def _outcome(old: Series | None, new: Series | None, rule: MetricRule) -> Outcome:
    if _same(old, new):
        return "identical"
    if old is None or new is None or not rule.tolerant or old.steps[-1] != new.steps[-1]:
        return "differs"
    return "within tolerance" if rule.close(old.values[-1], new.values[-1]) else "differs"


def divergence(old: Series | None, new: Series | None, run: str) -> Divergence:
    """The first point in which two series differ; a point that only one of them has is one.

    Args:
        old: of the original, the points that count; None where it has no such metric.
        new: the same of the repeat.
        run: id of the repeat.
    """
    old, new = old or Series(""), new or Series("")
    shorter = min(len(old), len(new))
    for index in range(shorter):
        left, right = old.values[index], new.values[index]
        if old.steps[index] != new.steps[index]:
            return Divergence(run, index, old.steps[index], left, None)
        if left != right and not (math.isnan(left) and math.isnan(right)):
            return Divergence(run, index, old.steps[index], left, right)
    if len(old) > shorter:
        return Divergence(run, shorter, old.steps[shorter], old.values[shorter], None)
    return Divergence(run, shorter, new.steps[shorter], None, new.values[shorter])


def _statistics(
    result: MetricResult, known: Sequence[Columns], after: Sequence[Columns], tests: int
) -> MetricResult:
    """The same, judged by the spread of repeats where there are enough.

    With three or more runs from before, each new value has to lie where they let it expect; else, with
    three or more new ones, the value of the original where the new ones do.
    """
    key = (result.key, result.rank)
    steps = {one[key].steps[-1] for one in (*known, *after) if key in one}
    if len(steps) != 1 or not all(key in one for one in after):
        return result
    earlier = [one[key].values[-1] for one in known if key in one]
    new = [one[key].values[-1] for one in after]
    expected, tested = interval(earlier, "earlier", tests), new
    if expected is None:
        expected, tested = interval(new, "repeats", tests), earlier
    if expected is None or not tested:
        return result
    outcome: Outcome = "statistically consistent" if all(value in expected for value in tested) else "differs"
    return MetricResult(
        **{name: getattr(result, name) for name in result.__slots__ if name not in {"outcome", "interval"}},
        outcome=outcome,
        interval=expected,
    )


def _last(series: Series | None) -> float | None:
    return None if series is None else series.values[-1]
