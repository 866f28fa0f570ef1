"""What must hold of the new runs: requirements in a small grammar, and what follows from goals; pure.

::

    val_acc >= 0.9
    val_acc >= baseline - 0.002
    loss <= baseline * 1.01
    loss <= baseline + 1%            of the size of the baseline
    "my metric" < 1e-3               quotes around a name with spaces or signs

A requirement is held against the mean of the new runs and of the baseline. Where there are enough seeds
for a test, one that the means break fails only if the new runs are beyond the limit by more than noise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from gittrack.core.errors import GitTrackError
from gittrack.query.review.statistics import compare_groups
from gittrack.query.review.values import GateResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.rows import MetricRow

Operator = Literal[">=", "<=", ">", "<"]
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_GRAMMAR = re.compile(
    rf"""\s*(?:"(?P<quoted>[^"]+)"|`(?P<ticked>[^`]+)`|(?P<plain>[^\s"`<>=]+))\s*
    (?P<operator>>=|<=|>|<)\s*
    (?:(?P<number>{_NUMBER})(?:\s*\*\s*(?P<scaled>baseline))?
      |(?P<baseline>baseline)(?:\s*(?P<sign>[-+*])\s*(?P<by>{_NUMBER})\s*(?P<percent>%)?)?)\s*""",
    re.VERBOSE | re.ASCII,
)
_HINT = "write for example: val_acc >= baseline - 0.002, loss <= baseline * 1.01 or acc >= 0.9"
_LONGEST = 500


class GateError(GitTrackError):
    """A requirement that does not parse."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound for one metric: `metric operator scale·baseline + offset + share·|baseline|`.

    Attributes:
        text: as it was written.
        metric: its name.
        operator: between the metric and the bound.
        offset: of the bound.
        scale: of the baseline; 0 where the bound does not depend on it.
        share: of the size of the baseline.
    """

    text: str
    metric: str
    operator: Operator
    offset: float = 0.0
    scale: float = 0.0
    share: float = 0.0

    @property
    def relative(self) -> bool:
        """Whether it needs a baseline."""
        return bool(self.scale)

    def limit(self, baseline: float) -> float:
        """The bound."""
        return self.scale * baseline + self.offset + self.share * abs(baseline)

    def holds(self, value: float, limit: float) -> bool:
        """Whether a value is on the right side of a limit; NaN is on neither."""
        if self.operator in {">=", ">"}:
            return value >= limit if self.operator == ">=" else value > limit
        return value <= limit if self.operator == "<=" else value < limit


def parse(text: str) -> Requirement:
    """A requirement from its text.

    Raises:
        GateError: it does not parse.
    """
    match = _GRAMMAR.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        msg = f"not a requirement: {text[:80]!r}"
        raise GateError(msg, hint=_HINT)
    metric = match["quoted"] or match["ticked"] or match["plain"]
    operator: Operator = match["operator"]  # type: ignore[assignment]  # the grammar has these four
    offset, scale, share = _bound(match)
    if not all(map(math.isfinite, (offset, scale, share))):
        msg = f"a number in {text[:80]!r} is too large"
        raise GateError(msg, hint=_HINT)
    return Requirement(" ".join(text.split()), metric, operator, offset, scale, share)


def _bound(match: re.Match[str]) -> tuple[float, float, float]:
    if match["number"]:
        number = float(match["number"])
        return (0.0, number, 0.0) if match["scaled"] else (number, 0.0, 0.0)
    if match["by"] is None:
        return 0.0, 1.0, 0.0
    by = float(match["by"])
    if match["sign"] == "*":
        return 0.0, by / 100 if match["percent"] else by, 0.0
    by = -by if match["sign"] == "-" else by
    return (0.0, 1.0, by / 100) if match["percent"] else (by, 1.0, 0.0)


def hold(requirement: Requirement, row: MetricRow | None, *, compared: bool, tests: int = 1) -> GateResult:
    """Hold a requirement against a metric.

    Args:
        requirement: what must hold.
        row: the metric, None where no run has it.
        compared: whether there is a baseline.
        tests: how many gates share the chance of a false alarm.
    """
    missing = _missing(row)
    if row is None or missing:
        return _result(requirement, row, "failed", missing)
    if not requirement.relative:
        return _by_means(requirement, row, requirement.offset)
    if row.before.mean is None:
        if not compared:
            return _result(requirement, row, "undecided", "there is no baseline")
        return _result(requirement, row, "failed", "no run of the baseline has a number for it")
    limit = requirement.limit(row.before.mean)
    found = _by_means(requirement, row, limit)
    return found if found.status == "passed" else _tested(requirement, row, found, tests)


def _tested(requirement: Requirement, row: MetricRow, found: GateResult, tests: int) -> GateResult:
    """A requirement that the means break: whether by more than noise, where a test can tell."""
    limits = [requirement.limit(value) for value in row.before.values]
    pairs = tuple(zip(limits, row.after.values, strict=True)) if row.paired else ()
    test = compare_groups(limits, row.after.values, pairs)
    sizes = f"n = {row.before.count} and {row.after.count}"
    if test.p is None:
        return replace(found, reason=f"{found.reason}; {sizes}, too few seeds for a test")
    p = f"p = {test.p:.2g}, {sizes}"
    if test.significant(tests):
        return replace(found, reason=f"{found.reason}; {p}")
    return replace(found, status="passed", reason=f"{found.reason}, but not significantly: {p}")


def _missing(row: MetricRow | None) -> str:
    if row is None or (not row.after.count and not row.after.unfit):
        return "the metric is missing"
    if row.after.unfit or row.after.mean is None:
        return row.why or "not a number"
    if row.after.absent:
        return f"the metric is missing in {row.after.absent} of {row.after.absent + row.after.count} runs"
    return ""


def _by_means(requirement: Requirement, row: MetricRow, limit: float) -> GateResult:
    value = row.after.mean if row.after.mean is not None else math.nan
    holds = requirement.holds(value, limit)
    says = f"{value:.6g} is {'within' if holds else 'beyond'} the limit {limit:.6g}"
    return _result(requirement, row, "passed" if holds else "failed", says, limit)


def _result(
    requirement: Requirement,
    row: MetricRow | None,
    status: Literal["failed", "undecided", "passed"],
    reason: str,
    limit: float | None = None,
) -> GateResult:
    value = row.after.mean if row is not None else None
    return GateResult(requirement.text, requirement.metric, status, reason, value, limit, required=True)


def of_goal(row: MetricRow) -> GateResult | None:
    """The gate that a metric with a goal has by itself: it must not get worse. None where it has none."""
    if row.goal is None or not row.gate or row.word == "new":
        return None
    floor = f" by more than {row.floor:.3g}" if row.floor else ""
    text = f"{row.key} must not get worse{floor}"
    if row.word == "missing":
        return GateResult(text, row.key, "failed", "the metric is missing")
    missing = _missing(row)
    if missing:
        return GateResult(text, row.key, "failed", missing, row.after.mean)
    old, new = row.before.mean, row.after.mean
    says = f"{old:.6g} → {new:.6g}{f', {row.why}' if row.why else ''}"
    if row.word in {"too few", "not comparable"}:
        return GateResult(text, row.key, "undecided", says, new, old)
    return GateResult(text, row.key, "failed" if row.word == "worse" else "passed", says, new, old)


def all_gates(
    rows: Sequence[MetricRow], requirements: Sequence[Requirement], *, compared: bool
) -> tuple[GateResult, ...]:
    """Every gate: those that are required, then those of goals; failed ones first, then undecided ones."""
    known = {row.key: row for row in rows}
    held = {one.metric for one in requirements if one.relative}  # what is written takes the place of the goal
    of_goals = (of_goal(row) for row in rows if compared and row.key not in held)
    goals = [gate for gate in of_goals if gate is not None]
    tests = len(goals) + sum(one.relative for one in requirements)
    asked = [hold(one, known.get(one.metric), compared=compared, tests=tests) for one in requirements]
    order = {"failed": 0, "undecided": 1, "passed": 2}
    return tuple(sorted([*asked, *goals], key=lambda gate: order[gate.status]))
