"""Rows of metrics and their verdicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.query.review.metrics import of_machine, rows_of, side_of
from tests.support.reviews import made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.rows import MetricRow

LOW, HIGH = [0.1, 0.11, 0.12, 0.13], [0.5, 0.51, 0.52, 0.53]


def row(
    before: Sequence[float],
    after: Sequence[float],
    rule: object = None,
    key: str = "acc",
    **invalid: tuple[str, ...],
) -> MetricRow:
    """The row of a metric with these last values."""
    old, new = ([made({key: value}) for value in values] for values in (before, after))
    return rows_of(old, new, {key: rule} if rule else {}, **invalid)[0]


@pytest.mark.parametrize(
    ("before", "after", "rule", "word"),
    [
        (LOW, HIGH, "max", "better"),
        (HIGH, LOW, "max", "worse"),
        (LOW, HIGH, "min", "worse"),
        (LOW, HIGH, None, "changed"),
        (LOW, LOW, "max", "same"),
        (LOW, HIGH, {"goal": "max", "atol": 1.0}, "same"),
        (LOW, HIGH, {"goal": "max", "rtol": 4.0}, "same"),
        (LOW, [0.1, 0.12, 0.13, 0.14], "max", "~"),
        ([0.1], [0.9], "max", "too few"),
        ([0.1, 0.2, 0.3], [0.7, 0.8, 0.9], "max", "too few"),
        (LOW, [0.5, math.nan, 0.5, 0.5], "max", "not a number"),
        ([math.nan], [0.5], "max", "new"),
    ],
)
def test_words(before: list[float], after: list[float], rule: object, word: str) -> None:
    """The verdict on one metric."""
    assert row(before, after, rule).word == word


def test_why() -> None:
    """What a word rests on is told in a few words."""
    assert row([0.1], [0.9]).why == "1 seed, no test"
    assert row([0.1, 0.2], [0.9]).why == "needs at least 4 seeds a side"
    assert row(LOW, HIGH).why == "p = 0.029"
    assert row(LOW, LOW).why == ""
    assert row(LOW, HIGH, {"atol": 1.0}).why == "within the floor"
    assert row([0.1], [math.nan]).why == "NaN or infinite in 1 of 1 runs"
    assert row(LOW, HIGH, on_data=("other data",)).why == "other data"
    assert row([], [0.1]).why == ""


def test_both_tests_are_told_where_they_disagree() -> None:
    """Ranks alone would call it significant, Student's does not."""
    found = row([0.10, 0.11, 0.12, 0.13], [0.131, 0.132, 0.133, 0.5])
    assert (found.word, found.why.startswith("p = 0.029, but Student's p = ")) == ("~", True)


def test_many_values_are_approximate() -> None:
    """The p of many values is approximated, and says so."""
    found = row([1.0 + number for number in range(25)], [100.0 + number for number in range(25)])
    assert found.why.endswith("(approximate)")


def test_missing_and_new() -> None:
    """A metric that only one side has."""
    rows = {one.key: one.word for one in rows_of([made({"a": 1.0})], [made({"b": 1.0})], {})}
    assert rows == {"a": "missing", "b": "new"}


def test_delta_and_ratio() -> None:
    """Of the means; none where one is missing or the baseline is 0."""
    found = row([1.0], [1.5])
    assert (found.delta, found.ratio) == (0.5, 0.5)
    assert row([0.0], [1.0]).ratio is None
    assert row([], [1.0]).delta is None


def test_other_hardware_invalidates_times() -> None:
    """A metric of the machine is not comparable, another one is."""
    invalid = {"on_machine": ("other hardware",)}
    assert row(LOW, HIGH, "min", "time/epoch", **invalid).word == "not comparable"
    assert row(LOW, HIGH, "min", "loss", **invalid).word == "worse"


@pytest.mark.parametrize(
    "key", ["time/epoch", "system/cpu", "samples_per_second", "train.throughput", "step_ms", "fps", "latency"]
)
def test_metrics_of_the_machine(key: str) -> None:
    """Times, rates, and `system/*`."""
    assert of_machine(key)


@pytest.mark.parametrize("key", ["loss", "times_two", "sentiment", "perms", "acc"])
def test_other_metrics(key: str) -> None:
    """What only sounds like it."""
    assert not of_machine(key)


def test_order() -> None:
    """Goals first, then what counts, then the worst news."""
    before = [made({"z": 0.1 + number / 100, "a": 0.1 + number / 100, "free": 1.0}) for number in range(4)]
    after = [made({"z": 0.01 + number / 1000, "a": 0.5 + number / 100, "free": 2.0}) for number in range(4)]
    rows = rows_of(before, after, {"z": "max", "a": "max"})
    assert [(one.key, one.word) for one in rows] == [("z", "worse"), ("a", "better"), ("free", "changed")]


def test_pairs_stand_beside_each_other() -> None:
    """Values are in the order of the seeds on both sides."""
    before = [made({"acc": float(seed)}, params={"seed": seed}) for seed in (1, 2)]
    after = [made({"acc": float(seed) + 10}, params={"seed": seed}) for seed in (2, 1)]
    (found,) = rows_of(before, after, {})
    assert (found.paired, found.before.values, found.after.values) == (True, (1.0, 2.0), (11.0, 12.0))


def test_a_side() -> None:
    """Absent and unfit values are counted apart."""
    found = side_of([made({"a": 1.0}), made({"a": 3.0}), made({"a": math.inf}), made({"b": 1.0})], "a")
    assert (found.count, found.mean, found.absent, found.unfit) == (2, 2.0, 1, 1)


def test_a_rule_that_is_none() -> None:
    """Is refused, as everywhere."""
    with pytest.raises(InvalidValue):
        row([1.0], [1.0], {"goal": "up"})


def test_json() -> None:
    """All fields are plain."""
    body = row(LOW, HIGH, "max").as_json()
    assert body["word"] == "better"
    assert body["before"]["n"] == 4
    assert body["test"] == {
        "method": "Mann-Whitney",
        "p": 2 / 70,
        "student": body["test"]["student"],
        "exact": True,
    }
