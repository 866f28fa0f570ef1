"""Runs in groups, and what a metric came to in each: mean, deviation and number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import SelectionError
from gittrack.core.public import finite
from gittrack.query.compare.side_by_side import FACTS, goal_of, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.compare.side_by_side import Goal
    from gittrack.store.runs import RunStore

NONE = "(none)"
_FACTS = ("experiment", "status", "branch", "user", "host", "code")


class Group(NamedTuple):
    """Runs that have something in common.

    Attributes:
        name: what.
        value: the same as it is in the runs, None where they have none.
        runs: in their order.
    """

    name: str
    value: Any
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """What a metric came to over the runs of a group.

    Attributes:
        count: runs with a finite value; the figures below are over these.
        mean: None without any.
        deviation: sample standard deviation (n - 1), None below two.
        low: the smallest.
        high: the largest.
        unfit: runs whose value is NaN or infinite.
        absent: runs without the metric.
    """

    count: int
    mean: float | None = None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    unfit: int = 0
    absent: int = 0

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {name: finite(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of runs and their metrics.

    Attributes:
        by: what the runs were grouped by.
        groups: in the order of their values.
        metrics: name to one spread a group.
        goals: name to whether more or less is better, where somebody said so.
    """

    by: str
    groups: tuple[Group, ...]
    metrics: Mapping[str, tuple[Spread, ...]]
    goals: Mapping[str, Goal]

    def best(self, metric: str) -> int | None:
        """The position of the group with the best mean, None without a goal or where there is no best."""
        goal = self.goals.get(metric)
        means = {place: one.mean for place, one in enumerate(self.metrics[metric]) if one.mean is not None}
        if goal is None or len(set(means.values())) < 2:  # noqa: PLR2004  nothing to choose between
            return None
        choose: Any = max if goal == "max" else min
        found: int = choose(means, key=means.__getitem__)
        return found

    def as_json(self) -> dict[str, Any]:
        """`{by, groups: [{name, value, runs: [id, …], metrics: {name: {count, mean, …}}}, …]}`."""
        return {
            "by": self.by,
            "groups": [
                {
                    "name": group.name,
                    "value": finite(group.value),
                    "runs": [run.id for run in group.runs],
                    "metrics": {name: spreads[place].as_json() for name, spreads in self.metrics.items()},
                }
                for place, group in enumerate(self.groups)
            ],
        }


def grouped(
    runs: Sequence[Run], by: str, store: RunStore | None = None, rules: Mapping[str, Any] | None = None
) -> Grouped:
    """Runs in groups with their metrics; see :func:`group` and :func:`spread`.

    Args:
        runs: which ones.
        by: what to group by.
        store: of the runs; only needed for fingerprints.
        rules: the setting `metrics`.

    Raises:
        SelectionError: runs cannot be grouped by that.
    """
    groups = group(runs, by, store)
    metrics = {
        key: tuple(
            spread(run.metrics[key].last if key in run.metrics else None for run in one.runs)
            for one in groups
        )
        for key in keys(runs, "metrics")
    }
    goals = {key: goal for key in metrics if (goal := goal_of(key, rules or {})) is not None}
    return Grouped(by, tuple(groups), metrics, goals)


def group(runs: Sequence[Run], by: str, store: RunStore | None = None) -> list[Group]:
    """Runs that have something in common together, in the order of what it is.

    Args:
        runs: which ones.
        by: `param:NAME`, `tag:NAME`, `seeds` (same experiment and params but for the seed),
            `fingerprint` (what makes two runs the same experiment, see :mod:`gittrack.query.fingerprint`),
            `experiment`, `status`, `branch`, `user`, `host` or `code`.
        store: of the runs; only needed for fingerprints.

    Raises:
        SelectionError: none of these, or no run has that param or tag.
    """
    if by == "seeds":
        from gittrack.query.plots.bands import alike

        return [Group(_shared_name(one), one[0].id, tuple(one)) for one in alike(runs)]
    value = _reader(runs, by, store)
    found: dict[str, tuple[Any, list[Run]]] = {}
    for run in runs:
        own = value(run)
        found.setdefault(_name(own), (own, []))[1].append(run)
    groups = [Group(name, own, tuple(members)) for name, (own, members) in found.items()]
    return sorted(groups, key=_place)


def spread(values: Iterable[float | None]) -> Spread:
    """Mean and deviation of some values; None is one that is not there."""
    given = list(values)
    numbers = [float(one) for one in given if one is not None and math.isfinite(one)]
    absent = sum(one is None for one in given)
    unfit = len(given) - absent - len(numbers)
    if not numbers:
        return Spread(0, unfit=unfit, absent=absent)
    scale = max(map(abs, numbers)) or 1.0  # so that no square leaves what a float holds
    mean = math.fsum(one / scale for one in numbers) / len(numbers)
    deviation = None
    if len(numbers) > 1:
        squares = math.fsum((one / scale - mean) ** 2 for one in numbers)
        deviation = math.sqrt(squares / (len(numbers) - 1)) * scale
    return Spread(len(numbers), mean * scale, deviation, min(numbers), max(numbers), unfit, absent)


def _reader(runs: Sequence[Run], by: str, store: RunStore | None) -> Callable[[Run], Any]:
    kind, colon, name = by.partition(":")
    if colon and kind in {"param", "tag"}:
        attribute = f"{kind}s"
        if not any(name in getattr(run, attribute) for run in runs):
            raise _nothing(kind, name, keys(runs, attribute))  # type: ignore[arg-type]  # params or tags
        return lambda run: getattr(run, attribute).get(name)
    if by == "fingerprint" and store is not None:
        known = fingerprints(store, runs)
        return lambda run: known[run.id]
    if by in _FACTS:
        fact: Callable[[Run], Any] = FACTS[by]
        return fact
    msg = f"runs cannot be grouped by {by[:80]!r}"
    raise SelectionError(msg, hint=f"write param:NAME, tag:NAME, seeds, fingerprint or {', '.join(_FACTS)}")


def _nothing(kind: str, name: str, known: Sequence[str]) -> SelectionError:
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {kind}:{near[0]}?" if near else f"there are {', '.join(known[:10]) or 'none'}"
    return SelectionError(f"no run has the {kind} {name[:80]!r}", hint=hint)


def fingerprints(store: RunStore, runs: Sequence[Run]) -> dict[str, str | None]:
    """The fingerprint of each run, None where its code or data is not known; one Git process for all."""
    from gittrack.core.text import load
    from gittrack.query.fingerprint import fingerprint

    paths = {
        run.id: store.index.path_of(run.id) for run in runs if run.attempt == 1 and not store.is_live(run.id)
    }
    names = {run_id: f"{store.git.runs}:{path}/environment.yaml" for run_id, path in paths.items() if path}
    contents = dict(store.git.read_many(names.values()))
    parsed: dict[bytes, dict[str, Any]] = {}
    found = {}
    for run in runs:
        data = contents.get(names.get(run.id, ""))
        if data is None:
            document = store.environment(run.id)
        else:
            if data not in parsed:
                parsed[data] = load(data, where="environment.yaml")
            document = parsed[data]
        found[run.id] = fingerprint(run, document)
    return found


def _name(value: Any) -> str:  # noqa: ANN401  a JSON value
    from gittrack.core.text import dump_json

    if value is None or value == "":
        return NONE
    return value if isinstance(value, str) else dump_json(finite(value)).decode()


def _place(one: Group) -> tuple[int, float, str]:
    """Numbers by size, then text, then those that have none."""
    if one.name == NONE:
        return 2, 0.0, ""
    number = isinstance(one.value, (int, float)) and not isinstance(one.value, bool)
    return (0, _sortable(one.value), one.name) if number else (1, 0.0, one.name)


def _sortable(value: float) -> float:
    try:
        return -math.inf if math.isnan(value) else float(value)
    except OverflowError:
        return math.inf


def _shared_name(runs: Sequence[Run]) -> str:
    names = {run.name for run in runs}
    return names.pop() if len(names) == 1 and runs[0].name else f"like {runs[0].name or runs[0].id}"
