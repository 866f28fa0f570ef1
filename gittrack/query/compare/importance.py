"""How much of a metric a param explains, each on its own.

The measure is the share of the variance of the metric's ranks that lies between the values of the param,
corrected for chance: with n runs and k values, `1 - (1 - SSB / SST) (n - 1) / (n - k)`, never below 0
(Kelley's epsilon squared: T. L. Kelley, "An unbiased correlation ratio measure", PNAS 21, 1935, on ranks).
It needs no direction and no straight line: a learning rate with an optimum in the middle explains as well
as one that helps the more the larger it is. Ranks make it indifferent to a few wild values. A number with
many values (more than √n, or 5) is cut into so many stretches with equally many runs.

`p` is the share of random assignments of the metric to the runs that explain as much (999 of them, always
the same). Params that were changed together share what they explain: this measure cannot tell them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import SelectionError
from gittrack.query.compare.side_by_side import keys
from gittrack.query.plots.curve import unknown_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from gittrack.core.records import Run

FEWEST = 4
"""Runs below which nothing is said."""
_FEW = 5  # values that are never put together, where each may come twice
_SHUFFLES = 999
_MOST_CELLS = 200_000_000  # permutations times runs: below a second a param
_SEED = 20_261_124


@dataclass(frozen=True, slots=True)
class Importance:
    """How much of a metric one param explains.

    Attributes:
        param: its name.
        explains: from 0 to 1.
        p: how often chance explains as much, from 0 to 1.
        direction: Spearman's rank correlation, from -1 to 1; None for a param that is no number.
        values: how many values (or stretches) were told apart.
        runs: with the param and a finite value of the metric.
    """

    param: str
    explains: float
    p: float
    direction: float | None
    values: int
    runs: int

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def importance(runs: Sequence[Run], metric: str) -> list[Importance]:
    """The params that vary, those that explain most first.

    Args:
        runs: which ones; those without a finite last value of the metric do not count.
        metric: its name.

    Raises:
        SelectionError: no run has the metric, or fewer than 4 have a finite value of it.
    """
    if not any(metric in run.metrics for run in runs):
        raise unknown_metric(metric, keys(runs, "metrics"))
    counted = [run for run in runs if metric in run.metrics and math.isfinite(run.metrics[metric].last)]
    if len(counted) < FEWEST:
        msg = f"{len(counted)} runs with a value of {metric!r} cannot tell what matters"
        raise SelectionError(msg, hint=f"{FEWEST} are the least, 20 say something")
    found = [one for key in keys(counted, "params") if (one := _of(counted, metric, key)) is not None]
    return sorted(found, key=lambda one: (-one.explains, one.p, one.param))


def _of(runs: Sequence[Run], metric: str, key: str) -> Importance | None:
    """One param; None where it does not vary, or never twice the same."""
    import numpy as np

    have = [run for run in runs if key in run.params]
    if len(have) < FEWEST:
        return None
    given = [run.params[key] for run in have]
    ranks = ranked(np.array([run.metrics[metric].last for run in have], dtype=np.float64))
    numbers = _numbers(given)
    places, count = _places(given, numbers)
    if not 1 < count < len(have) or ranks.min() == ranks.max():
        return None
    share = _explained(ranks[None, :], places, count)[0]
    random = np.random.default_rng(_SEED)
    shuffles = max(99, min(_SHUFFLES, _MOST_CELLS // len(have)))
    chance = sum(
        int(
            (
                _explained(random.permuted(np.tile(ranks, (rows, 1)), axis=1), places, count) >= share - 1e-12
            ).sum()
        )
        for rows in _batches(shuffles, len(have))
    )
    direction = None if numbers is None else _correlation(ranked(numbers), ranks)
    p = (chance + 1) / (shuffles + 1)
    return Importance(key, max(0.0, float(share)), p, direction, count, len(have))


def _batches(shuffles: int, width: int) -> list[int]:
    """So many rows at a time that a batch stays below 32 MB."""
    rows = max(1, min(shuffles, 4_000_000 // width))
    return [min(rows, shuffles - start) for start in range(0, shuffles, rows)]


def _explained(ranks: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Kelley's epsilon squared of each row of ranks, shape (rows, runs)."""
    import numpy as np

    size = ranks.shape[1]
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    members = np.zeros((size, count))
    members[np.arange(size), places] = 1.0
    sums = centred @ members
    between = (sums**2 / members.sum(axis=0)).sum(axis=1)
    total = (centred**2).sum(axis=1)
    return 1 - (1 - between / total) * (size - 1) / (size - count)  # type: ignore[no-any-return]


def ranked(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values share the mean of theirs."""
    import numpy as np

    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[inverse]


def _numbers(given: Sequence[Any]) -> np.ndarray | None:
    """The values as numbers, None unless all are finite ones."""
    import numpy as np

    if not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in given):
        return None
    try:
        found = np.array([float(one) for one in given])
    except OverflowError:
        return None
    return found if bool(np.isfinite(found).all()) else None


def _places(given: Sequence[Any], numbers: np.ndarray | None) -> tuple[np.ndarray, int]:
    """To which value or stretch of values each run belongs, and how many there are."""
    import numpy as np

    from gittrack.core.public import finite
    from gittrack.core.text import dump_json

    most = max(2, min(max(_FEW, math.isqrt(len(given))), len(given) // 2))
    if numbers is not None and len(np.unique(numbers)) > most:
        borders = np.quantile(numbers, [place / most for place in range(1, most)])
        found = np.searchsorted(borders, numbers, side="right")
    else:
        _, found = np.unique([dump_json(finite(one)) for one in given], return_inverse=True)
    _, places = np.unique(found, return_inverse=True)
    return places, int(places.max()) + 1


def _correlation(left: np.ndarray, right: np.ndarray) -> float | None:
    import numpy as np

    if left.min() == left.max() or right.min() == right.max():
        return None
    return float(np.corrcoef(left, right)[0, 1])
