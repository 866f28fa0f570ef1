"""When a trial is not worth its time any more; pure.

::

    median              it is behind the median of the others at the same step, once 5 others got there
    median:20           the same, but nothing before step 20
    halving             of the trials that reach a rung, the best third goes on: rungs at steps 1, 3, 9, 27, …
    halving:10          rungs at steps 10, 30, 90, …

Halving is asynchronous: whoever reaches a rung is held against those that were there before.
"""

from __future__ import annotations

import math
import re
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gittrack.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Curve = Sequence[tuple[int, float]]
    """Step and value, in the order in which they were logged."""

RULES = ("median", "halving")
_OTHERS = 5  # trials that have to be there before anybody is held against them, as in Optuna
_FACTOR = 3
_RULE = re.compile(r"(\w+)(?::(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        kind: of it.
        first: the step before which nothing is stopped.
    """

    kind: Literal["median", "halving"]
    first: int


def parse(text: str) -> Rule:
    """The rule that a text says.

    Raises:
        UsageError: it says none.
    """
    match = _RULE.fullmatch(text.strip())
    if match is None or match[1] not in RULES:
        msg = f"no such rule: {text[:40]!r}"
        raise UsageError(msg, hint="write median, median:STEP, halving or halving:STEP")
    kind: Literal["median", "halving"] = "median" if match[1] == "median" else "halving"
    first = int(match[2] or (0 if kind == "median" else 1))
    return Rule(kind, first if kind == "median" else max(1, first))


def reason(rule: Rule, own: Curve, others: Iterable[Curve], goal: Literal["min", "max"]) -> str | None:
    """Why a trial should end now; None where it should go on.

    Args:
        rule: what to go by.
        own: the curve of the trial.
        others: those of the others, ended or not.
        goal: whether less or more is better.
    """
    finite = [(step, value) for step, value in own if not math.isnan(value)]
    if not finite:
        return None
    curves = [one for one in others if one]
    judge = _median if rule.kind == "median" else _halving
    return judge(rule, finite, curves, goal)


def _median(rule: Rule, own: Curve, others: Sequence[Curve], goal: Literal["min", "max"]) -> str | None:
    """At the last step that it and enough others have reached."""
    ends = sorted((max(at for at, _ in curve) for curve in others), reverse=True)
    if len(ends) < _OTHERS:
        return None
    step = min(own[-1][0], ends[_OTHERS - 1])
    if step < rule.first or step < own[0][0]:
        return None
    reached = [value for value in (_value_at(curve, step) for curve in others) if value is not None]
    if len(reached) < _OTHERS:
        return None
    best, middle = _best(own, goal), statistics.median(reached)
    if not _worse(best, middle, goal):
        return None
    return f"at step {step} its best, {best:.6g}, is behind the median of {len(reached)} others, {middle:.6g}"


def _halving(rule: Rule, own: Curve, others: Sequence[Curve], goal: Literal["min", "max"]) -> str | None:
    """At each rung that it has reached: a look may come after several of them."""
    rung, why = rule.first, None
    while rung <= own[-1][0] and why is None:
        why = _at_rung(rung, own, others, goal)
        rung *= _FACTOR
    return why


def _at_rung(rung: int, own: Curve, others: Sequence[Curve], goal: Literal["min", "max"]) -> str | None:
    mine = _value_at(own, rung)
    reached = [value for value in (_value_at(curve, rung) for curve in others) if value is not None]
    if mine is None or len(reached) + 1 < _FACTOR:
        return None
    better = sum(_worse(mine, value, goal) for value in reached)
    places = (len(reached) + 1) // _FACTOR
    if better < places:
        return None
    return f"at step {rung}, {mine:.6g} is not among the best {places} of {len(reached) + 1}"


def _value_at(curve: Curve, step: int) -> float | None:
    """The last value up to a step, of a curve that got there."""
    if max(at for at, _ in curve) < step:
        return None
    values = [value for at, value in curve if at <= step and not math.isnan(value)]
    return values[-1] if values else None


def _best(curve: Curve, goal: Literal["min", "max"]) -> float:
    values = [value for _, value in curve]
    return min(values) if goal == "min" else max(values)


def _worse(one: float, other: float, goal: Literal["min", "max"]) -> bool:
    return one > other if goal == "min" else one < other
