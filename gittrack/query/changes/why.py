"""Which of the changes between two runs may be why a metric changed, the most likely first; pure.

The ranking is that of :mod:`gittrack.query.suspects`. Besides, each metric has evidence of its own: a
difference that is next to nothing looks like rounding, so libraries, threads and hardware come before what
would change more; and a metric of time or speed depends on the machine before all else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gittrack.query.suspects import ROUNDING, suspects, weighed
from gittrack.query.verdict.values import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.changes.diff import Change
    from gittrack.query.verdict.values import Suspect

_OF_SPEED = re.compile(
    r"(?:.*[\W_])?(?:time|duration|seconds|secs?|ms|latency|throughput|speed|fps|(?:samples|tokens|steps|it)[_/]?(?:per|/|p)[_/]?s\w*)(?:[\W_].*)?|system/.*",
    re.IGNORECASE,
)
_OF_MACHINE = frozenset({"hardware", "threads", "platform"})
_BEFORE_ALL = 40  # weight, more than what lies between hardware and code
_UNTOLD = frozenset({"code not captured", "unknown"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Metrics that changed, and the changes that could explain it.

    Attributes:
        metrics: their names; those that the same changes explain in the same order are together.
        looks: what the size or kind of the change tells: `rounding`, `speed`, or nothing.
        suspects: the most likely first.
    """

    metrics: tuple[str, ...]
    looks: str
    suspects: tuple[Suspect, ...]

    def as_json(self) -> dict[str, Any]:
        """`{metrics, looks, suspects: [{cause, text, weight, details, run}, …]}`."""
        return {
            "metrics": list(self.metrics),
            "looks": self.looks or None,
            "suspects": [one.as_json() for one in self.suspects],
        }


def reasons(
    changes: Iterable[Change],
    runs: tuple[Run, Run],
    environments: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    code: Sequence[str] | None,
) -> tuple[Reason, ...]:
    """What may explain the metrics that differ.

    Args:
        changes: of metrics.
        runs: the two runs.
        environments: the documents of their `environment.yaml`.
        code: the files that differ, one line each; None where that is not known.
    """
    looks: dict[str, list[str]] = {}
    for one in changes:
        if one.differs:
            looks.setdefault(_looks(one), []).append(one.key)
    if not looks:
        return ()
    before, after = (
        Evidence(run, (), dict(document or {})) for run, document in zip(runs, environments, strict=True)
    )
    found = suspects(before, after, code=code)
    return tuple(Reason(tuple(keys), look, _ranked(found, look)) for look, keys in looks.items())


def _looks(change: Change) -> str:
    if _OF_SPEED.fullmatch(change.key):
        return "speed"
    delta, sizes = change.delta, [abs(one) for one in (change.before, change.after) if isinstance(one, float)]
    if delta is not None and sizes and max(sizes) and abs(delta) <= ROUNDING * max(sizes):
        return "rounding"
    return ""


def _ranked(found: Sequence[Suspect], look: str) -> tuple[Suspect, ...]:
    known = [one for one in found if one.cause not in _UNTOLD] or list(found)
    moved = [weighed(one, rounding=look == "rounding") for one in known]
    if look == "speed":
        moved = [replace(one, weight=one.weight + _BEFORE_ALL * (one.cause in _OF_MACHINE)) for one in moved]
    return tuple(sorted(moved, key=lambda one: -one.weight))
