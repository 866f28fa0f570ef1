"""The curves of metrics in two groups of runs: a mean and a band over the seeds, every extreme kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.query.review.reading import points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.review.review import Review
    from gittrack.store.runs import RunStore

CHARTS = 12
"""Metrics that are drawn, the first of a review."""
RUNS = 40
"""Runs a side whose points are read."""
COLUMNS = 120
"""Stretches of steps; with fewer steps each stands for itself."""


@dataclass(frozen=True, slots=True)
class Band:
    """The curves of one group as one.

    Attributes:
        label: of the group.
        runs: how many curves.
        steps: middle of each stretch, ascending.
        means: of all values in the stretch.
        lows: smallest of them.
        highs: largest.
    """

    label: str
    runs: int
    steps: tuple[float, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """One metric of both groups.

    Attributes:
        key: its name.
        bands: of the baseline, then of the new runs; only those that have points.
        of: runs there are a side at most, where not all were read.
    """

    key: str
    bands: tuple[Band, ...]
    of: int | None = None


def curves_of(store: RunStore, review: Review, most: int = CHARTS) -> tuple[Curves, ...]:
    """The curves of the first metrics that have more than one step."""
    groups = [one for one in (review.base, review.head) if one is not None]
    chosen = [(one.label, spread(one.runs)) for one in groups]
    read = points(store, [run for _, runs in chosen for run in runs])
    largest = max(len(one.runs) for one in groups)
    found: list[Curves] = []
    for row in review.metrics:
        if len(found) == most:
            break
        every = [(label, _series(read, runs, row.key)) for label, runs in chosen]
        bands = bands_of(every)
        if any(len(band.steps) > 1 for band in bands):
            found.append(Curves(row.key, bands, largest if largest > RUNS else None))
    return tuple(found)


def spread(runs: Sequence[Run]) -> Sequence[Run]:
    """At most `RUNS` of the runs, evenly spread."""
    if len(runs) <= RUNS:
        return runs
    return [runs[number * (len(runs) - 1) // (RUNS - 1)] for number in range(RUNS)]


def _series(read: Mapping[str, Sequence[Series]], runs: Sequence[Run], key: str) -> list[Series]:
    found = []
    for run in runs:
        same = [one for one in read.get(run.id, ()) if one.key == key]
        if same:
            found.append(min(same, key=lambda one: one.rank).effective())
    return found


def bands_of(groups: Sequence[tuple[str, Sequence[Series]]]) -> tuple[Band, ...]:
    """Label and curves of each group as bands, on common stretches of steps."""
    every = sorted({step for _, series in groups for one in series for step in one.steps})
    if not every:
        return ()
    found = (_band(label, series, every) for label, series in groups)
    return tuple(band for band in found if band.steps)


def _band(label: str, series: Sequence[Series], every: Sequence[int]) -> Band:
    first, width = every[0], every[-1] - every[0]
    coarse = len(every) > COLUMNS
    stretches: dict[int, list[float]] = {}
    for one in series:
        for step, value in zip(one.steps, one.values, strict=True):
            if math.isfinite(value):
                place = min(COLUMNS - 1, (step - first) * COLUMNS // width) if coarse else step
                stretches.setdefault(place, []).append(value)
    places = sorted(stretches)
    middle = [first + (place + 0.5) * width / COLUMNS for place in places] if coarse else places
    values = [stretches[place] for place in places]
    return Band(
        label,
        len(series),
        tuple(map(float, middle)),
        tuple(_mean(one) for one in values),
        tuple(map(min, values)),
        tuple(map(max, values)),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(value / len(values) for value in values)
