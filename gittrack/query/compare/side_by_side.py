"""Runs side by side, as values: which rows differ and which run is best; draws nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from gittrack.core.public import finite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.core.records import Run

Group = Literal["run", "params", "metrics", "tags"]
Goal = Literal["max", "min"]


class Absent:
    """The value where a run has none."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def same(left: object, right: object) -> bool:
    """Whether two values are the same; NaN is NaN, and true is not 1."""
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right):
        return True
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


@dataclass(frozen=True, slots=True)
class Row:
    """One param, metric, tag or fact of all compared runs.

    Attributes:
        group: what it is.
        key: its name.
        values: one a run, `ABSENT` where the run has none. Metrics: their last value.
        goal: for a metric whether more or less is better, None when nobody said.
    """

    group: Group
    key: str
    values: tuple[Any, ...]
    goal: Goal | None = None

    @property
    def differs(self) -> bool:
        """Whether not all values are the same."""
        return any(not same(self.values[0], other) for other in self.values[1:])

    @property
    def best(self) -> frozenset[int]:
        """Positions of the best values; empty without a goal, or when all are equally good."""
        if self.goal is None:
            return frozenset()
        numbers = [
            value for value in self.values if isinstance(value, (int, float)) and not math.isnan(value)
        ]
        if not numbers or not self.differs:
            return frozenset()
        top = max(numbers) if self.goal == "max" else min(numbers)
        return frozenset(position for position, value in enumerate(self.values) if same(value, top))


@dataclass(frozen=True, slots=True)
class Comparison:
    """N runs and the rows in which they are held against each other."""

    runs: tuple[Run, ...]
    rows: tuple[Row, ...]

    def differing(self) -> Comparison:
        """Only the rows that differ."""
        return Comparison(self.runs, tuple(row for row in self.rows if row.differs))

    def group(self, name: Group) -> tuple[Row, ...]:
        """The rows of one group."""
        return tuple(row for row in self.rows if row.group == name)

    def as_json(self) -> dict[str, Any]:
        """`{"runs": [id, …], "rows": [{group, key, values, differs, goal, best}, …]}`; null for absent."""
        return {
            "runs": [run.id for run in self.runs],
            "rows": [
                {
                    "group": row.group,
                    "key": row.key,
                    "values": [None if value is ABSENT else finite(value) for value in row.values],
                    "differs": row.differs,
                    "goal": row.goal,
                    "best": [self.runs[position].id for position in sorted(row.best)],
                }
                for row in self.rows
            ],
        }


def compare(runs: Sequence[Run], rules: Mapping[str, Any] | None = None) -> Comparison:
    """Hold runs against each other.

    Args:
        runs: in the order of their columns.
        rules: the setting `metrics`: glob of metric names to `{goal: max|min, …}`.
    """
    rows = [
        Row("run", name, tuple(_or_absent(get(run)) for run in runs))
        for name, get in FACTS.items()
        if any(get(run) not in {None, ""} for run in runs)
    ]
    rows += [Row("params", key, _column(runs, "params", key)) for key in keys(runs, "params")]
    for key in keys(runs, "metrics"):
        values = tuple(run.metrics[key].last if key in run.metrics else ABSENT for run in runs)
        rows.append(Row("metrics", key, values, goal_of(key, rules or {})))
    rows += [Row("tags", key, _column(runs, "tags", key)) for key in keys(runs, "tags")]
    return Comparison(tuple(runs), tuple(rows))


FACTS: Mapping[str, Any] = {
    "experiment": lambda run: run.experiment,
    "status": lambda run: run.status,
    "exit_code": lambda run: run.exit_code,
    "signal": lambda run: run.signal,
    "start_time": lambda run: run.start_time,
    "duration_ms": lambda run: run.duration_ms,
    "code": lambda run: run.source.snapshot or run.source.commit,
    "branch": lambda run: run.source.branch,
    "user": lambda run: run.user,
    "host": lambda run: run.host,
}
"""What a comparison says of a run besides its params, metrics and tags: name to how to read it."""


def keys(runs: Iterable[Run], group: Literal["params", "metrics", "tags"]) -> list[str]:
    """All names in a group: in the order in which the runs bring them up."""
    return list(dict.fromkeys(key for run in runs for key in getattr(run, group)))


def goal_of(key: str, rules: Mapping[str, Any]) -> Goal | None:
    """Whether more (`max`) or less (`min`) of a metric is better, None when no rule says so.

    Args:
        key: name of the metric.
        rules: glob to `{goal: …}`; an exact name wins over a glob, an earlier glob over a later one.
    """
    matching = (
        [rules[key]] if key in rules else [rule for glob, rule in rules.items() if fnmatchcase(key, glob)]
    )
    for rule in matching:
        goal = rule.get("goal") if isinstance(rule, dict) else rule
        if goal in {"max", "min"}:
            return cast("Goal", goal)
    return None


def _column(runs: Sequence[Run], group: str, key: str) -> tuple[Any, ...]:
    return tuple(getattr(run, group).get(key, ABSENT) for run in runs)


def _or_absent(value: object) -> object:
    return ABSENT if value is None or value == "" else value
