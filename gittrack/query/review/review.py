"""Runs held against a baseline, as one frozen value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.query.review.rows import MetricRow, Word
    from gittrack.query.review.values import Change, CodeChange, GateResult, Group, Warned

OK, FAILED, NO_BASELINE = 0, 1, 3
"""Exit codes of `gittrack check`."""

Level = Literal["failed", "warning", "passed", "no baseline"]


@dataclass(frozen=True, slots=True)
class Review:
    """Runs held against a baseline.

    Attributes:
        head: the runs under review.
        base: what they are held against, None where there is nothing.
        no_base: why there is no baseline, and what to do; empty where there is one.
        warnings: what a reader must know before any number; those that invalidate first.
        metrics: the worst news first.
        gates: failed ones first.
        params: that differ.
        code: what changed in it, None without a baseline.
        environment: packages, Python and hardware that differ.
        data: inputs that differ.
        artifacts: added, removed and changed, of the newest run a side.
        reproduce: the command that repeats one of the new runs: one that was repeated, else the newest.
        verified: what came of repeating it, in the words of `gittrack reproduce`; empty where nobody did.
    """

    head: Group
    base: Group | None = None
    no_base: str = ""
    warnings: tuple[Warned, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    gates: tuple[GateResult, ...] = ()
    params: tuple[Change, ...] = ()
    code: CodeChange | None = None
    environment: tuple[Change, ...] = ()
    data: tuple[Change, ...] = ()
    artifacts: tuple[Change, ...] = ()
    reproduce: str = ""
    verified: str = ""

    @property
    def failed(self) -> tuple[GateResult, ...]:
        """The gates that do not hold."""
        return tuple(one for one in self.gates if one.status == "failed")

    @property
    def level(self) -> Level:
        """`failed` when a gate does not hold, `no baseline` without one, `warning`, else `passed`."""
        if self.failed:
            return "failed"
        if self.base is None:
            return "no baseline"
        return "warning" if any(one.invalidates for one in self.warnings) else "passed"

    @property
    def exit_code(self) -> int:
        """0; 1 when a gate does not hold; 3 when one would need a baseline and there is none."""
        if self.failed:
            return FAILED
        goals = any(one.goal is not None and one.gate for one in self.metrics)
        undecided = any(one.status == "undecided" for one in self.gates)
        return NO_BASELINE if self.base is None and (goals or undecided) else OK

    @property
    def counts(self) -> Mapping[Word, int]:
        """How many metrics there are of each word."""
        return Counter(one.word for one in self.metrics)

    @property
    def headline(self) -> str:
        """The verdict in one line, without text of runs."""
        parts = []
        if self.failed:
            parts.append(f"{len(self.failed)} of {_count(len(self.gates), 'gate')} failed")
        elif self.gates and any(one.status == "passed" for one in self.gates):
            passed = sum(one.status == "passed" for one in self.gates)
            of = "" if passed == len(self.gates) else f"{passed} of "
            parts.append(f"{of}{_count(len(self.gates), 'gate')} passed")
        if self.base is None:
            return " · ".join([*parts, "no baseline to compare with"])
        parts += [
            f"{_count(self.counts[word], noun)} {verb}" for word, noun, verb in _SAID if self.counts[word]
        ]
        return " · ".join(parts) or "no metric to compare"

    def as_json(self) -> dict[str, Any]:
        """All fields, and `level`, `headline` and `exit_code`."""
        body: dict[str, Any] = {
            "schema": "gittrack.review/1",
            "level": self.level,
            "headline": self.headline,
            "exit_code": self.exit_code,
            "head": self.head.as_json(),
            "base": self.base.as_json() if self.base else None,
            "no_base": self.no_base,
            "code": self.code.as_json() if self.code else None,
            "reproduce": self.reproduce,
            "verified": self.verified,
        }
        lists = ("warnings", "metrics", "gates", "params", "environment", "data", "artifacts")
        return body | {name: [one.as_json() for one in getattr(self, name)] for name in lists}


_SAID: tuple[tuple[Word, str, str], ...] = (
    ("worse", "metric", "worse"),
    ("not a number", "metric", "not a number"),
    ("missing", "metric", "missing"),
    ("better", "metric", "better"),
    ("changed", "metric", "changed"),
    ("not comparable", "metric", "not comparable"),
    ("too few", "metric", "with too few seeds to tell"),
    ("~", "metric", "without a significant change"),
    ("same", "metric", "the same"),
    ("new", "metric", "new"),
)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
