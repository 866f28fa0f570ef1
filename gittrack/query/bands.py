"""Curves of runs that differ in the seed only, as one: their mean and how far apart they are; pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.curve import Points

_PLACES = 400  # where a band is computed at most


class Band(NamedTuple):
    """Several curves as one; all three have the same x."""

    mean: Points
    low: Points
    high: Points


def is_seed(key: str) -> bool:
    """Whether a param is the seed of a random generator: `seed`, `random_state`, `trainer.seed`."""
    last = key.replace("-", "_").rpartition(".")[2].lower()
    return last in {"seed", "random_seed", "random_state", "rng_seed", "global_seed", "manual_seed"}


def alike(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs put together that have the same experiment and the same params but for the seed."""
    found: dict[tuple[str, bytes], list[Run]] = {}
    for run in runs:
        params = {key: value for key, value in sorted(run.params.items()) if not is_seed(key)}
        found.setdefault((run.experiment, dump_json(params)), []).append(run)
    return list(found.values())


def band(curves: Sequence[Points]) -> Band:
    """Mean, lowest and highest value where all of the curves are; between their points by a straight line.

    Args:
        curves: each in the order of x; empty ones do not count.
    """
    given = [curve for curve in curves if curve]
    if not given:
        return Band([], [], [])
    start, stop = max(curve[0][0] for curve in given), min(curve[-1][0] for curve in given)
    places = sorted({x for curve in given for x, _ in curve if start <= x <= stop})
    if len(places) > _PLACES:
        places = [places[round(n * (len(places) - 1) / (_PLACES - 1))] for n in range(_PLACES)]
    columns = [[at(curve, x) for curve in given] for x in places]
    return Band(
        [(x, sum(column) / len(column)) for x, column in zip(places, columns, strict=True)],
        [(x, min(column)) for x, column in zip(places, columns, strict=True)],
        [(x, max(column)) for x, column in zip(places, columns, strict=True)],
    )


def at(curve: Points, x: float) -> float:
    """The value of a curve at some x within it."""
    place = bisect_left(curve, x, key=lambda point: point[0])
    if place >= len(curve):
        return curve[-1][1]
    right_x, right_y = curve[place]
    if right_x == x or place == 0:
        return right_y
    left_x, left_y = curve[place - 1]
    return left_y + (right_y - left_y) * (x - left_x) / (right_x - left_x)


def by_epoch(series: Series, epochs: Series) -> list[float]:
    """Where the points of a series stand in epochs: the epoch logged last at their step or before.

    Between two epochs that were logged a point stands after its share of the steps.

    Args:
        series: the points.
        epochs: the metric that says the epoch at a step.
    """
    known = sorted(zip(epochs.steps, epochs.values, strict=True))
    steps = [step for step, _ in known]
    found = []
    for step in series.steps:
        place = bisect_right(steps, step) - 1
        if place < 0:
            found.append(known[0][1])
            continue
        value = known[place][1]
        if place + 1 < len(known) and known[place + 1][0] > known[place][0]:
            value += (
                (known[place + 1][1] - value)
                * (step - known[place][0])
                / (known[place + 1][0] - known[place][0])
            )
        found.append(value)
    return found
