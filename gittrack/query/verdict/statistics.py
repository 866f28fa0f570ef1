"""Whether a value is one of a sample's kind: the prediction interval of Student; pure.

With `n` values of mean m and sample standard deviation s, a further one of the same normal distribution
lies in m ± t·s·√(1 + 1/n) with the chosen confidence, t from Student's distribution with n - 1 degrees of
freedom (Hahn and Meeker, Statistical Intervals, 1991, section 4.7).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from gittrack.query.verdict.values import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH = 3
"""Values that an interval needs: with two the interval is 12 deviations wide, whatever they are."""
CONFIDENCE = 0.95
"""Of all intervals of a verdict together: each of k has a confidence of 1 - 0.05 / k (Bonferroni)."""


def interval(values: Sequence[float], of: Literal["earlier", "repeats"], tests: int = 1) -> Interval | None:
    """Where a further value is expected; None with fewer than `ENOUGH` values, or one that is not finite.

    Args:
        values: the sample.
        of: whose values they are.
        tests: how many values are held against intervals of this verdict.
    """
    if len(values) < ENOUGH or not all(map(math.isfinite, values)):
        return None
    count = len(values)
    mean = math.fsum(values) / count
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    confidence = 1 - (1 - CONFIDENCE) / max(tests, 1)
    half = quantile((1 + confidence) / 2, count - 1) * deviation * math.sqrt(1 + 1 / count)
    if min(values) == max(values):  # no rounding of the mean where nothing varies
        mean, half = values[0], 0.0
    return Interval(of, count, mean, deviation, confidence, mean - half, mean + half)


def quantile(probability: float, degrees: int) -> float:
    """The quantile of Student's distribution.

    Args:
        probability: from 0.5 to below 1.
        degrees: of freedom, 1 or more.
    """
    low, high = 0.0, 1.0
    while distribution(high, degrees) < probability:
        high *= 2
    for _ in range(200):  # halving: as exact as a float can be well before
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if distribution(middle, degrees) < probability else (low, middle)
    return high


def distribution(t: float, degrees: int) -> float:
    """The probability that a value of Student's distribution is at most t, t not negative.

    The finite series for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = term if degrees > 1 else 0.0
    for number in range(2 + odd, degrees - 1, 2):
        term *= cosine * cosine * (number - 1) / number
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return 0.5 + inside / 2
