"""One metric held against the baseline: frozen values, nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.public import finite
from gittrack.query.review.statistics import ALARMS, LEVEL, SEEDS, Outcome

if TYPE_CHECKING:
    from gittrack.query.compare.side_by_side import Goal

Word = Literal[
    "worse", "better", "changed", "same", "~", "too few", "not comparable", "not a number", "missing", "new"
]


@dataclass(frozen=True, slots=True)
class Side:
    """The values of one metric in one group, the last of each run.

    Attributes:
        values: those that are finite, in the order of the runs.
        mean: of them, None without any.
        deviation: their sample standard deviation, None of fewer than two.
        absent: runs without the metric.
        unfit: runs in which it is NaN or infinite.
    """

    values: tuple[float, ...] = ()
    mean: float | None = None
    deviation: float | None = None
    absent: int = 0
    unfit: int = 0

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)

    def as_json(self) -> dict[str, Any]:
        """`{n, mean, deviation, values, absent, unfit}`."""
        return {
            "n": self.count,
            "mean": finite(self.mean),
            "deviation": finite(self.deviation),
            "values": [finite(value) for value in self.values],
            "absent": self.absent,
            "unfit": self.unfit,
        }


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric held against the baseline.

    Attributes:
        key: its name.
        word: what became of it. `worse` and `better` need a goal, enough seeds, significance and a change
            beyond the floor; `changed` is that without a goal; `same` is equal or within the floor; `~` not
            significant; `too few` seeds to tell; `not comparable` where a warning invalidates it.
        goal: whether more or less is better, None when nobody said.
        gate: whether it counts for the verdict.
        before: the baseline.
        after: the new runs.
        floor: a change of the mean up to this is none; 0 when no tolerance is set.
        test: what the statistics say.
        needed: p that Student's test has to reach, shared among the metrics that count.
        paired: whether the seeds of both sides match, run by run.
        invalid: titles of the warnings that invalidate the comparison.
    """

    key: str
    word: Word
    goal: Goal | None = None
    gate: bool = True
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    floor: float = 0.0
    test: Outcome = field(default_factory=Outcome)
    needed: float = ALARMS
    paired: bool = False
    invalid: tuple[str, ...] = ()

    @property
    def delta(self) -> float | None:
        """Mean after minus mean before, None unless both are there."""
        if self.before.mean is None or self.after.mean is None:
            return None
        return self.after.mean - self.before.mean

    @property
    def ratio(self) -> float | None:
        """The delta as a share of the size of the mean before; None where that means nothing."""
        delta = self.delta
        return None if delta is None or not self.before.mean else delta / abs(self.before.mean)

    @property
    def why(self) -> str:
        """What the word rests on, in a few words; empty where it says all."""
        before, after = self.before.count, self.after.count
        if self.word == "too few":
            if before == after == 1:
                return "1 seed, no test"
            return f"needs at least {SEEDS} seeds a side"
        if self.word == "not comparable":
            return ", ".join(self.invalid)
        if self.word == "same":
            return "within the floor" if self.delta else ""
        if self.word == "not a number":
            every = self.after.unfit + after + self.after.absent
            return f"NaN or infinite in {self.after.unfit} of {every} runs"
        return self._significance()

    def _significance(self) -> str:
        """The p of the exact test; that of Student's too where it alone decides."""
        if self.test.p is None or self.test.student is None:
            return ""
        text = f"p = {self.test.p:.2g}{'' if self.test.exact else ' (approximate)'}"
        if self.word == "~" and self.test.p <= LEVEL:
            return f"{text}, but Student's p = {self.test.student:.2g} and {self.needed:.2g} is needed"
        return text

    def as_json(self) -> dict[str, Any]:
        """All fields, and `delta`, `ratio` and `why`."""
        return {
            "key": self.key,
            "word": self.word,
            "why": self.why,
            "goal": self.goal,
            "gate": self.gate,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "delta": finite(self.delta),
            "ratio": finite(self.ratio),
            "floor": finite(self.floor),
            "test": self.test.as_json(),
            "needed": self.needed,
            "paired": self.paired,
            "invalid": list(self.invalid),
        }
