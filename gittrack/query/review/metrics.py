"""The metrics of two groups of runs, row by row; pure."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.query.review.rows import MetricRow, Side
from gittrack.query.review.seeds import paired_runs
from gittrack.query.review.statistics import ALARMS, compare_groups, mean_deviation
from gittrack.query.verdict.rules import metric_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gittrack.core.records import Run
    from gittrack.query.review.rows import Word
    from gittrack.query.verdict.rules import MetricRule

_OF_MACHINE = re.compile(
    r"^system/|(?:^|[\W_])(?:time|duration|latency|throughput|speed|fps|tps|seconds|secs?|ms)(?:[\W_]|$)"
    r"|per_?(?:s|sec|second)(?:[\W_]|$)",
    re.IGNORECASE,
)
_ORDER: tuple[Word, ...] = (
    "not a number",
    "missing",
    "worse",
    "not comparable",
    "better",
    "changed",
    "too few",
    "~",
    "new",
    "same",
)


def of_machine(key: str) -> bool:
    """Whether a metric measures the machine as much as the program: times, rates, `system/*`."""
    return _OF_MACHINE.search(key) is not None


def rows_of(
    before: Sequence[Run],
    after: Sequence[Run],
    rules: Mapping[str, Any],
    *,
    on_data: tuple[str, ...] = (),
    on_machine: tuple[str, ...] = (),
) -> tuple[MetricRow, ...]:
    """Hold the last values of all metrics against each other; the worst news first.

    Args:
        before: the baseline; may be empty.
        after: the new runs.
        rules: the setting `metrics`.
        on_data: titles of warnings that invalidate every metric.
        on_machine: the same for metrics that measure the machine.

    Raises:
        InvalidValue: a rule is none.
    """
    keys = dict.fromkeys(key for run in (*after, *before) for key in run.metrics)
    matching = {key: metric_rule(key, rules) for key in keys}
    tests = sum(one.goal is not None and one.gate for one in matching.values())
    pairs = paired_runs(before, after)
    rows = []
    for key, rule in matching.items():
        invalid = on_data + (on_machine if of_machine(key) else ())
        row = _row(key, rule, before, after, pairs)
        word = _word(row, rule, tests, invalid)
        rows.append(replace(row, word=word, invalid=invalid, needed=ALARMS / max(tests, 1)))
    return tuple(
        sorted(rows, key=lambda row: (row.goal is None, not row.gate, _ORDER.index(row.word), row.key))
    )


def side_of(runs: Sequence[Run], key: str) -> Side:
    """The last values of a metric in some runs."""
    found = [run.metrics[key].last for run in runs if key in run.metrics]
    values = tuple(value for value in found if math.isfinite(value))
    mean, deviation = mean_deviation(values) if values else (None, None)
    return Side(values, mean, deviation, len(runs) - len(found), len(found) - len(values))


def _row(
    key: str,
    rule: MetricRule,
    before: Sequence[Run],
    after: Sequence[Run],
    pairs: Sequence[tuple[Run, Run]],
) -> MetricRow:
    if pairs:  # in the order of the pairs, so that values stand beside each other
        before, after = [old for old, _ in pairs], [new for _, new in pairs]
    old, new = side_of(before, key), side_of(after, key)
    whole = bool(pairs) and old.count == new.count == len(pairs)
    floor = (rule.atol or 0.0) + (rule.rtol or 0.0) * abs(old.mean or 0.0)
    both = tuple(zip(old.values, new.values, strict=True)) if whole else ()
    test = compare_groups(old.values, new.values, both)
    return MetricRow(key, "same", rule.goal, rule.gate, old, new, floor, test, paired=whole)


def _word(row: MetricRow, rule: MetricRule, tests: int, invalid: tuple[str, ...]) -> Word:  # noqa: PLR0911  a case each
    if row.after.unfit:
        return "not a number"
    if row.after.mean is None:
        return "missing"
    delta = row.delta
    if row.before.mean is None or delta is None:
        return "new"
    if not delta or rule.close(row.before.mean, row.after.mean):
        return "same"
    if invalid:
        return "not comparable"
    if row.test.p is None:
        return "too few"
    if not row.test.significant(tests):
        return "~"
    if row.goal is None:
        return "changed"
    return "better" if (delta > 0) == (row.goal == "max") else "worse"
