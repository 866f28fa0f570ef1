"""Exact tests against all ways there are, and against scipy."""

from __future__ import annotations

import math
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]  # it has no types

from gittrack.query.review.statistics import (
    Outcome,
    compare_groups,
    doubled_ranks,
    mann_whitney,
    mean_deviation,
    student_paired,
    welch,
    wilcoxon,
)

few = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=5)
varied = st.lists(st.integers(-1000, 1000), min_size=2, max_size=12, unique=True)


def counted_u(before: list[float], after: list[float]) -> float:
    """The p of the U test by going through all splits."""
    ranks = doubled_ranks([*before, *after])
    size, count = len(ranks), len(after)
    middle = sum(ranks) * count
    far = abs(sum(ranks[len(before) :]) * size - middle)
    ways = [abs(sum(one) * size - middle) >= far for one in combinations(ranks, count)]
    return sum(ways) / len(ways)


def counted_signs(differences: list[float]) -> float:
    """The p of the signed-rank test by going through all signs."""
    kept = [one for one in differences if one]
    ranks = doubled_ranks([abs(one) for one in kept])
    far = abs(sum(math.copysign(rank, one) for rank, one in zip(ranks, kept, strict=True)))
    ways = [
        abs(sum(sign * rank for sign, rank in zip(signs, ranks, strict=True))) >= far
        for signs in product((-1, 1), repeat=len(kept))
    ]
    return sum(ways) / len(ways)


@given(few, few)
def test_mann_whitney_is_exact_with_ties(before: list[float], after: list[float]) -> None:
    """The p is the share of splits that are as extreme."""
    p, exact = mann_whitney(before, after)
    assert p == pytest.approx(counted_u(before, after))
    assert exact


@given(st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=9))
def test_wilcoxon_is_exact_with_ties_and_zeros(differences: list[float]) -> None:
    """The p is the share of signs that are as extreme."""
    p, exact = wilcoxon(differences)
    assert p == pytest.approx(counted_signs(differences))
    assert exact


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=24, unique=True), st.data())
def test_mann_whitney_is_that_of_scipy(values: list[int], data: st.DataObject) -> None:
    """Without ties, where scipy is exact."""
    cut = data.draw(st.integers(1, len(values) - 1))
    before, after = values[:cut], values[cut:]
    wanted = stats.mannwhitneyu(before, after, method="exact").pvalue
    assert mann_whitney(before, after)[0] == pytest.approx(min(1.0, wanted))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20, unique=True), st.data())
def test_wilcoxon_is_that_of_scipy(sizes: list[int], data: st.DataObject) -> None:
    """Without ties, where scipy is exact."""
    signs = data.draw(st.lists(st.sampled_from((-1, 1)), min_size=len(sizes), max_size=len(sizes)))
    differences = [float(size * sign) for size, sign in zip(sizes, signs, strict=True)]
    wanted = stats.wilcoxon(differences, method="exact").pvalue
    assert wilcoxon(differences)[0] == pytest.approx(wanted)


def test_many_values_are_approximated() -> None:
    """Beyond 400 pairs: normal, with the corrections that scipy makes too."""
    before = [float(number % 37) for number in range(60)]
    after = [float(number % 29) + 1 for number in range(50)]
    p, exact = mann_whitney(before, after)
    wanted = stats.mannwhitneyu(before, after, method="asymptotic", use_continuity=True).pvalue
    assert p == pytest.approx(wanted)
    assert not exact


def test_many_differences_are_approximated() -> None:
    """Beyond 60."""
    differences = [(-1.0) ** number * (number + 1) + 7 for number in range(80)]
    p, exact = wilcoxon(differences)
    wanted = stats.wilcoxon(differences, method="approx", correction=True).pvalue
    assert p == pytest.approx(wanted, rel=0.01)
    assert not exact


def test_many_equal_values() -> None:
    """Nothing varies: nothing is significant."""
    assert mann_whitney([1.0] * 30, [1.0] * 30) == (1.0, False)


@settings(max_examples=40)
@given(varied, varied)
def test_welch_is_never_bolder_than_scipy(before: list[int], after: list[int]) -> None:
    """Whole degrees of freedom make the p a little larger."""
    p = welch(before, after)
    assert stats.ttest_ind(before, after, equal_var=False).pvalue - 1e-9 <= p <= 1


@pytest.mark.parametrize(("after", "p"), [(1.0, 1.0), (2.0, 0.0)])
def test_welch_without_spread(after: float, p: float) -> None:
    """A difference without spread is certain; none is none."""
    assert welch([1.0, 1.0], [after, after]) == p


def test_student_of_differences_is_that_of_scipy() -> None:
    """A paired test is one of the differences."""
    differences = [0.1, 0.3, -0.2, 0.5, 0.4, 0.2]
    assert student_paired(differences) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (2.0, 0.0)])
def test_student_of_equal_differences(value: float, p: float) -> None:
    """A difference without spread is certain; none is none."""
    assert student_paired([value] * 6) == p


def test_no_difference_at_all() -> None:
    """All zeros: no sign speaks for anything."""
    assert wilcoxon([0.0, 0.0]) == (1.0, True)


@pytest.mark.parametrize(("before", "after"), [(3, 3), (1, 9), (3, 20), (0, 5)])
def test_too_few_for_a_test(before: int, after: int) -> None:
    """Fewer than four a side: no test, whatever the values are."""
    assert compare_groups([0.0] * before, [1.0] * after) == Outcome()


def test_four_a_side_can_be_significant() -> None:
    """The smallest p is 2 / 70."""
    found = compare_groups([1.0, 1.1, 1.2, 1.3], [2.0, 2.1, 2.2, 2.3])
    assert found.method == "Mann-Whitney"
    assert found.p == pytest.approx(2 / 70)
    assert found.significant()


def test_pairs_are_used_when_there_are_enough() -> None:
    """Six pairs: the signed-rank test, whose smallest p is 2 / 64."""
    before = [1.0, 5.0, 2.0, 8.0, 3.0, 9.0]
    after = [value + 0.1 + number / 1000 for number, value in enumerate(before)]
    found = compare_groups(before, after, list(zip(before, after, strict=True)))
    assert found.method == "Wilcoxon signed-rank"
    assert found.p == pytest.approx(2 / 64)
    assert not compare_groups(before, after).significant()


def test_five_pairs_are_groups() -> None:
    """Five pairs cannot be significant, five against five can."""
    values = [1.0, 1.1, 1.2, 1.3, 1.4]
    moved = [value + 1 for value in values]
    assert compare_groups(values, moved, list(zip(values, moved, strict=True))).method == "Mann-Whitney"


def test_more_tests_need_more() -> None:
    """What is significant alone may not be among many."""
    found = Outcome("Mann-Whitney", 0.03, 0.005)
    assert found.significant(1)
    assert not found.significant(3)


@pytest.mark.parametrize("values", [[1e308, -1e308, 1e308, 1e307], [5e-324, 1e-320, 0.0, 5e-324]])
def test_numbers_at_the_ends_of_what_there_is(values: list[float]) -> None:
    """Very large and very small ones overflow nowhere."""
    moved = [value / 2 for value in values]
    found = compare_groups(values, moved)
    assert found.p is not None
    assert found.student is not None
    mean, deviation = mean_deviation(values)
    assert math.isfinite(mean)
    assert deviation is not None
    pairs = list(zip(values * 2, moved * 2, strict=True))
    assert compare_groups(values * 2, moved * 2, pairs).method == "Wilcoxon signed-rank"


def test_mean_and_deviation() -> None:
    """Of one value there is no deviation; of equal ones none is rounded into being."""
    assert mean_deviation([2.0]) == (2.0, None)
    assert mean_deviation([0.1, 0.1, 0.1]) == (0.1, 0.0)
    mean, deviation = mean_deviation([1.0, 3.0])
    assert mean == 2.0
    assert deviation == pytest.approx(math.sqrt(2))
