"""What puts the curves of several runs together: which runs are alike, and values between points; pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.plots.curve import Points


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
