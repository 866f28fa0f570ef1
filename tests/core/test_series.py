from __future__ import annotations

import math
from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.series import Series, decode, encode, join, summarise
from gittrack.core.text import dump_json
from tests.support.runs import any_series


def series(key: str, *points: tuple[int, float], rank: int = 0) -> Series:
    """A series of (step, value), a millisecond apart."""
    one = Series(key, rank)
    for time, (step, value) in enumerate(points):
        one.append(step, value, time)
    return one


def test_summary() -> None:
    """Last by order, smallest, largest and how many."""
    found = series("loss", (0, 3.0), (1, 1.0), (2, 2.0)).summary()
    assert (found.last, found.step, found.time, found.min, found.max, found.count) == (2.0, 2, 2, 1.0, 3.0, 3)


@given(st.lists(st.floats(), min_size=1))
def test_extremes_leave_nan_out(values: list[float]) -> None:
    """Wherever it stands."""
    found = series("loss", *enumerate(values)).summary()
    numbers = [value for value in values if not math.isnan(value)]
    if numbers:
        assert (found.min, found.max) == (min(numbers), max(numbers))
    else:
        assert math.isnan(found.min)
        assert math.isnan(found.max)


def test_no_point_no_summary() -> None:
    """There is nothing to say about nothing."""
    with pytest.raises(ValueError, match="no point"):
        Series("loss").summary()


def test_later_attempt_supersedes_from_its_step_on() -> None:
    """Earlier points stay in the file and do not count."""
    first = series("loss", (0, 1.0), (1, 2.0), (2, 9.0))
    (whole,) = join([first], [series("loss", (2, 3.0), (3, 4.0))])
    assert list(whole.values) == [1.0, 2.0, 9.0, 3.0, 4.0]
    assert whole.attempts == (3,)
    assert list(whole.effective().values) == [1.0, 2.0, 3.0, 4.0]
    assert whole.summary().max == 4.0
    assert list(first.values) == [1.0, 2.0, 9.0]


def test_three_attempts() -> None:
    """Each supersedes all before it."""
    one = series("loss", (0, 1.0), (5, 1.0))
    two = join([one], [series("loss", (3, 2.0), (4, 2.0))])
    (three,) = join(two, [series("loss", (4, 3.0))])
    assert [(s, v) for s, v in zip(three.effective().steps, three.effective().values, strict=True)] == [
        (0, 1.0),
        (3, 2.0),
        (4, 3.0),
    ]


def test_one_attempt_counts_as_it_is() -> None:
    """Steps that go back within an attempt supersede nothing."""
    one = series("loss", (1, 1.0), (0, 2.0))
    assert one.effective() is one


@given(any_series(), any_series())
def test_join_keeps_every_point(earlier: list[Series], later: list[Series]) -> None:
    """Nothing is dropped."""
    joined = join(earlier, later)
    assert sum(map(len, joined)) == sum(map(len, earlier)) + sum(map(len, later))
    assert all(max(one.attempts, default=0) <= len(one) for one in joined)


def test_summary_of_the_lowest_rank() -> None:
    """A metric that all ranks log is summarised once; empty series are not."""
    found = summarise(
        [series("b", (0, 2.0), rank=1), series("b", (0, 1.0)), Series("a"), series("a", (0, 3.0))]
    )
    assert {key: one.last for key, one in found.items()} == {"a": 3.0, "b": 1.0}


@given(any_series())
def test_lines_come_back(points: list[Series]) -> None:
    """NaN, infinities and 64-bit steps included."""
    back = list(decode(encode(points)))
    expected = sorted(points, key=lambda one: (one.key, one.rank))
    assert [(one.key, one.rank, one.steps, one.times, one.attempts) for one in back] == [
        (one.key, one.rank, one.steps, one.times, one.attempts) for one in expected
    ]
    assert [repr(list(one.values)) for one in back] == [repr(list(one.values)) for one in expected]


def test_form() -> None:
    """One line a series, sorted, what is usual left out."""
    one = series("b", (0, math.nan), rank=2)
    assert encode([one, series("a", (7, 0.5))]) == (
        b'{"key":"a","steps":[7],"values":[0.5],"times":[0]}\n'
        b'{"key":"b","rank":2,"steps":[0],"values":["NaN"],"times":[0]}\n'
    )


GOOD: dict[str, Any] = {"key": "a", "steps": [1], "values": [1], "times": [1]}


@pytest.mark.parametrize(
    "bad",
    [
        {"key": 3},
        {"key": ""},
        {"key": None},
        {"rank": -1},
        {"rank": "0"},
        {"rank": True},
        {"rank": 2**40},
        {"steps": [1, 2]},
        {"steps": [1.5]},
        {"steps": [2**63]},
        {"steps": "1"},
        {"steps": None},
        {"values": ["x"]},
        {"values": [None]},
        {"values": 1},
        {"times": ["1"]},
        {"attempts": [2]},
        {"attempts": [-1]},
        {"attempts": 1},
        {"attempts": ["0"]},
    ],
)
def test_no_series(bad: dict[str, Any]) -> None:
    """The line is named."""
    data = dump_json(GOOD) + b"\n\n" + dump_json(GOOD | bad) + b"\n"
    found = decode(data)
    assert next(found).values == array("d", [1.0])
    with pytest.raises(ValueError, match="line 3 is not a series"):
        next(found)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.binary(max_size=40)
    | JSON.map(dump_json)
    | st.dictionaries(st.sampled_from([*GOOD, "rank", "attempts"]), JSON).map(
        lambda some: dump_json(GOOD | some)
    )
)
def test_any_line_is_a_series_or_a_value_error(data: bytes) -> None:
    """Whatever another clone wrote."""
    try:
        for one in decode(data):
            one.effective()
    except ValueError:
        pass


def test_nesting_is_a_value_error() -> None:
    """It is refused, not followed."""
    with pytest.raises(ValueError, match="line 1"):
        list(decode(b"[" * 100_000))
