"""What a reproduction came to: frozen values, nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from gittrack.core.public import finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.compare.side_by_side import Goal

Level = Literal[
    "identical", "within tolerance", "statistically consistent", "differs", "failed", "not comparable"
]
LEVELS: tuple[Level, ...] = get_args(Level)
"""The verdicts, the best first."""
Outcome = Literal["identical", "within tolerance", "statistically consistent", "differs", "unknown"]
Cause = Literal[
    "code",
    "command",
    "params",
    "seed",
    "data",
    "randomness",
    "python",
    "packages",
    "threads",
    "hardware",
    "variables",
    "platform",
    "code not captured",
    "missing output",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run as far as a verdict looks at it.

    Attributes:
        run: its record.
        series: all its points.
        environment: the document of its `environment.yaml`, empty without one.
    """

    run: Run
    series: Sequence[Series] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two series part for the first time.

    Attributes:
        run: id of the repeat.
        index: position among the points that count, from 0.
        step: there, of the original; of the repeat where the original has no such point.
        before: value of the original, None where it has no such point.
        after: the same of the repeat.
    """

    run: str
    index: int
    step: int
    before: float | None
    after: float | None

    @property
    def delta(self) -> float | None:
        """After minus before, None unless both are there."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def relative(self) -> float | None:
        """The size of the delta as a share of the larger of the two sizes, from 0 to 2; None without one."""
        delta = self.delta
        scale = max(abs(self.before or 0.0), abs(self.after or 0.0))
        return None if delta is None or not scale else abs(delta) / scale

    def as_json(self) -> dict[str, Any]:
        """`{run, index, step, before, after, delta}`."""
        fields = {"before": self.before, "after": self.after, "delta": self.delta}
        head = {"run": self.run, "index": self.index, "step": self.step}
        return head | {name: finite(value) for name, value in fields.items()}


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a value is expected, from values that were measured before.

    Attributes:
        of: whose values these are: `earlier` (the original and its stored repeats) or `repeats` (the new).
        count: how many.
        mean: of them.
        deviation: their sample standard deviation.
        confidence: of the interval, from 0 to 1.
        low: its lower end.
        high: its upper end.
    """

    of: Literal["earlier", "repeats"]
    count: int
    mean: float
    deviation: float
    confidence: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def as_json(self) -> dict[str, Any]:
        """`{of, count, mean, deviation, confidence, low, high}`."""
        return {name: finite(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric of one rank.

    Attributes:
        key: its name.
        rank: of the process in a distributed run.
        before: its last value in the original, None where it has none.
        after: the same of each repeat.
        outcome: of the worst repeat.
        gate: whether it counts for the verdict.
        atol: absolute tolerance.
        rtol: relative tolerance, of the value of the original.
        goal: whether more or less is better, None when nobody said.
        first: where the series of the first repeat that differs parts from the original's.
        interval: where the value was expected, with enough repeats.
    """

    key: str
    rank: int
    before: float | None
    after: tuple[float | None, ...]
    outcome: Outcome
    gate: bool = True
    atol: float = 0.0
    rtol: float = 0.0
    goal: Goal | None = None
    first: Divergence | None = None
    interval: Interval | None = None

    @property
    def name(self) -> str:
        """The key, and the rank where there are several."""
        return f"{self.key} [{self.rank}]" if self.rank else self.key

    def as_json(self) -> dict[str, Any]:
        """All fields; `first` and `interval` null where there is none."""
        return {
            "key": self.key,
            "rank": self.rank,
            "before": finite(self.before),
            "after": [finite(value) for value in self.after],
            "outcome": self.outcome,
            "gate": self.gate,
            "atol": self.atol,
            "rtol": self.rtol,
            "goal": self.goal,
            "first": self.first.as_json() if self.first else None,
            "interval": self.interval.as_json() if self.interval else None,
        }


@dataclass(frozen=True, slots=True)
class ArtifactResult:
    """One artifact, or one file of a directory artifact.

    Attributes:
        path: within the run.
        before: its digest in the original, None where it has none.
        after: the same of each repeat.
        outcome: of the worst repeat.
        gate: whether it counts for the verdict.
        compare: how it was compared: `digest` or `numeric`.
        note: where it differs first and by how much, or why it is not known; empty when identical.
    """

    path: str
    before: str | None
    after: tuple[str | None, ...]
    outcome: Outcome
    gate: bool = True
    compare: Literal["digest", "numeric"] = "digest"
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self._fields()}

    def _fields(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__slots__]


@dataclass(frozen=True, slots=True)
class Suspect:
    """What may be why a repeat differs.

    Attributes:
        cause: what kind of thing.
        text: what was seen, in one line.
        weight: how much speaks for it; only good to compare with others.
        details: what exactly, one line each.
        run: id of the repeat, None for what holds for all.
    """

    cause: Cause
    text: str
    weight: int
    details: tuple[str, ...] = ()
    run: str | None = None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        fields = {"cause": self.cause, "text": self.text, "weight": self.weight}
        return {**fields, "details": list(self.details), "run": self.run}
