"""Whether two groups of seeds differ by more than noise: exact tests on ranks, and Student's; pure.

Nothing is claimed that the numbers cannot bear. Ranks of n against m values can be laid out in
C(n + m, n) ways that are equally likely where nothing changed, so that the smallest two-sided p is
2 / C(n + m, n): 0.1 for 3 against 3 (never significant at 0.05), 0.029 for 4 against 4. n pairs have 2ⁿ
signs, so that six are the fewest. Where significance cannot be reached the answer is "too few", not "no".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from gittrack.query.verdict.statistics import distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

Method = Literal["Mann-Whitney", "Wilcoxon signed-rank"]

LEVEL = 0.05
"""Significance of a verdict: two-sided p of the exact test."""
ALARMS = 0.01
"""Two-sided p that Student's test has to reach besides, shared by all metrics of a review (Bonferroni): one
in two hundred reviews of unchanged results has a metric that is called worse."""
SEEDS = 4
"""The fewest seeds a side that can be told apart at `LEVEL`: 2 / C(8, 4) = 0.029."""
PAIRS = 6
"""The fewest pairs: 2 / 2⁶ = 0.031."""
_EXACT = 400  # ways beyond this many pairs of values are not counted: the normal approximation is as good


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tests say of two groups.

    Attributes:
        method: the exact test; None with too few values for any.
        p: its two-sided p, None without a test.
        student: two-sided p of Student's test (Welch's for groups, of the differences for pairs).
        exact: whether `p` is counted, not approximated.
    """

    method: Method | None = None
    p: float | None = None
    student: float | None = None
    exact: bool = True

    def significant(self, tests: int = 1) -> bool:
        """Whether the groups differ: by the exact test, and by Student's shared by `tests` metrics."""
        if self.p is None or self.student is None:
            return False
        return self.p <= LEVEL and self.student <= ALARMS / max(tests, 1)

    def as_json(self) -> dict[str, Any]:
        """`{method, p, student, exact}`."""
        return {"method": self.method, "p": self.p, "student": self.student, "exact": self.exact}


def compare_groups(
    before: Sequence[float], after: Sequence[float], pairs: Sequence[tuple[float, float]] = ()
) -> Outcome:
    """Test whether two groups of finite values differ.

    Args:
        before: values of the baseline.
        after: the new values.
        pairs: values before and after of the same seed; used where all values are paired and there are
            enough of them to reach significance.
    """
    if len(pairs) >= PAIRS and len(pairs) == len(before) == len(after):
        old, new = _scaled(*zip(*pairs, strict=True))
        differences = [right - left for left, right in zip(old, new, strict=True)]
        p, exact = wilcoxon(differences)
        return Outcome("Wilcoxon signed-rank", p, student_paired(differences), exact)
    if math.comb(len(before) + len(after), len(before)) < 2 / LEVEL or min(len(before), len(after)) < SEEDS:
        return Outcome()
    p, exact = mann_whitney(before, after)
    return Outcome("Mann-Whitney", p, welch(before, after), exact)


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> tuple[float, bool]:
    """The two-sided p of the U test of Mann and Whitney, and whether it is exact.

    Exact means: of all ways to split the pooled values (ties as they are) in two groups of these sizes, the
    share whose rank sum lies as far from the expected one, or farther. Beyond 400 pairs of values it is the
    normal approximation with the corrections for ties and continuity.
    """
    ranks = doubled_ranks([*before, *after])
    observed = sum(ranks[len(before) :])
    count, total = len(after), sum(ranks)
    if len(before) * len(after) > _EXACT:
        return _normal_u(ranks, len(before), len(after), observed), False
    ways = _rank_sums(tuple(sorted(ranks)), count)
    # Distances are scaled by the number of values, so that the expected sum is a whole number.
    size = len(ranks)
    far = abs(observed * size - count * total)
    extreme = sum(number for rank_sum, number in ways if abs(rank_sum * size - count * total) >= far)
    return extreme / math.comb(size, count), True


def wilcoxon(differences: Sequence[float]) -> tuple[float, bool]:
    """The two-sided p of the signed-rank test of Wilcoxon, and whether it is exact.

    Differences of zero are left out. Exact means: of all 2ⁿ signs of the others, the share whose sum of
    signed ranks lies as far from zero, or farther; beyond 60 differences the normal approximation.
    """
    kept = [one for one in differences if one]
    if not kept:
        return 1.0, True
    ranks = doubled_ranks([abs(one) for one in kept])
    positive = sum(rank for rank, one in zip(ranks, kept, strict=True) if one > 0)
    total = sum(ranks)
    if len(kept) > 60:  # noqa: PLR2004  2⁶⁰ ways
        spread = math.sqrt(sum(rank * rank for rank in ranks))
        return _two_sided(max(0.0, abs(2 * positive - total) - 2) / spread), False
    far = abs(2 * positive - total)
    extreme = sum(
        number for rank_sum, number in _signed_sums(tuple(ranks)) if abs(2 * rank_sum - total) >= far
    )
    return float(extreme / 2 ** len(kept)), True


def welch(before: Sequence[float], after: Sequence[float]) -> float:
    """The two-sided p of Welch's test: Student's without equal deviations; degrees rounded down."""
    old, new = _scaled(before, after)
    parts = [(_variance(values) / len(values), len(values)) for values in (old, new)]
    error = sum(share for share, _ in parts)
    delta = _mean(new) - _mean(old)
    if not error:
        return 0.0 if delta else 1.0
    degrees = error**2 / sum(share**2 / (count - 1) for share, count in parts)
    return _student(abs(delta) / math.sqrt(error), max(1, math.floor(degrees)))


def student_paired(differences: Sequence[float]) -> float:
    """The two-sided p of Student's test that the mean of differences is not zero."""
    (scaled,) = _scaled(differences)
    error = math.sqrt(_variance(scaled) / len(scaled))
    mean = _mean(scaled)
    if not error:
        return 0.0 if mean else 1.0
    return _student(abs(mean) / error, len(scaled) - 1)


def doubled_ranks(values: Sequence[float]) -> list[int]:
    """Twice the rank of each value, from 2 on; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for position in order[start:stop]:
            ranks[position] = start + stop + 1
        start = stop
    return ranks


def mean_deviation(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation of finite values; the deviation None of a single one."""
    if min(values) == max(values):  # no rounding where nothing varies
        return values[0], 0.0 if len(values) > 1 else None
    scale = max(map(abs, values))
    (scaled,) = _scaled(values)
    return _mean(scaled) * scale, math.sqrt(_variance(scaled)) * scale


@lru_cache(maxsize=64)
def _rank_sums(ranks: tuple[int, ...], count: int) -> tuple[tuple[int, int], ...]:
    """Sum of `count` of the ranks to the number of ways to come by it.

    A polynomial in one large integer each: the coefficient of 2^(width · sum) is the number of ways, so that
    adding a rank to every way is one shift.
    """
    width = math.comb(len(ranks), count).bit_length() + 1
    ways = [1] + [0] * count
    for rank in ranks:
        for chosen in range(count, 0, -1):
            ways[chosen] += ways[chosen - 1] << (rank * width)
    return _coefficients(ways[count], width)


@lru_cache(maxsize=64)
def _signed_sums(ranks: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    width = len(ranks) + 2
    ways = 1
    for rank in ranks:
        ways += ways << (rank * width)
    return _coefficients(ways, width)


def _coefficients(packed: int, width: int) -> tuple[tuple[int, int], ...]:
    digits = f"{packed:b}"
    digits = digits.zfill(-(-len(digits) // width) * width)
    chunks = (digits[at : at + width] for at in range(len(digits) - width, -1, -width))
    return tuple((power, number) for power, chunk in enumerate(chunks) if (number := int(chunk, 2)))


def _normal_u(ranks: Sequence[int], before: int, after: int, observed: int) -> float:
    size = before + after
    mean = sum(ranks) * after / size
    variance = before * after / (size * (size - 1)) * sum((rank - sum(ranks) / size) ** 2 for rank in ranks)
    if not variance:
        return 1.0
    return _two_sided(max(0.0, abs(observed - mean) - 1) / math.sqrt(variance))


def _two_sided(score: float) -> float:
    return math.erfc(score / math.sqrt(2))


def _student(t: float, degrees: int) -> float:
    return 2 * (1 - distribution(t, degrees))


def _scaled(*groups: Sequence[float]) -> list[list[float]]:
    """The values as shares of the largest: squares of very large and very small numbers are none."""
    scale = max((abs(value) for values in groups for value in values), default=1.0) or 1.0
    return [[value / scale for value in values] for values in groups]


def _mean(values: Sequence[float]) -> float:
    return values[0] if min(values) == max(values) else math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    if min(values) == max(values):
        return 0.0
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
