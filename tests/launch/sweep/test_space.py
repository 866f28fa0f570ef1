from __future__ import annotations

import random

import pytest

from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.space import Dimension, OneOf, Real, SpaceError, Whole

SPACE: dict[str, Dimension] = {
    "a": OneOf((1, "x", [2])),
    "b": Real(0.0, 1.0),
    "c": Real(1e-4, 1.0, log=True),
    "d": Whole(1, 3),
    "e": Whole(1, 64, log=True),
    "f": OneOf((7,)),
}


@pytest.mark.parametrize("name", SPACE)
def test_what_is_drawn_is_in_the_space(name: str) -> None:
    """A thousand draws stay within, and hit both ends of whole numbers."""
    one, rng = SPACE[name], random.Random(1)
    drawn = [one.draw(rng) for _ in range(1000)]
    if isinstance(one, OneOf):
        assert all(value in one.values for value in drawn)
    else:
        assert one.low <= min(drawn)
        assert max(drawn) <= one.high
    if isinstance(one, Whole):
        assert {one.low, one.high} <= set(drawn)


def test_json_and_back() -> None:
    """A space survives its JSON."""
    assert spaces.from_json(spaces.to_json(SPACE)) == SPACE


def test_size_and_what_varies() -> None:
    """Only lists have a size; one value does not vary."""
    assert spaces.size(SPACE) is None
    assert spaces.size({"a": OneOf((1, 2)), "b": OneOf((1, 2, 3))}) == 6
    assert spaces.varying(SPACE) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([1, 2], OneOf((1, 2))),
        (range(3), OneOf((0, 1, 2))),
        ("1,2", OneOf((1, 2))),
        (0.5, OneOf((0.5,))),
        ({"int": [1, 4]}, Whole(1, 4)),
        ({"choice": ["a"]}, OneOf(("a",))),
        (Real(0, 1), Real(0, 1)),
    ],
)
def test_what_a_program_may_give(given: object, found: object) -> None:
    """Lists, ranges, text, mappings, spaces and single values."""
    assert spaces.of("x", given) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "is empty"),
        ([1, 1], "twice"),
        ([*range(2000), 5], "twice"),
        ({"uniform": 3}, "takes a list"),
        ({"unifom": [0, 1]}, "no such space"),
        ({"int": [1, 2], "choice": [1]}, "one kind"),
        ({"uniform": [0, float("nan")]}, "takes two numbers"),
    ],
)
def test_what_is_no_space(given: object, says: str) -> None:
    """Each says what is wrong."""
    with pytest.raises(SpaceError, match=says):
        spaces.of("x", given)


def test_values_that_only_look_alike_are_several() -> None:
    """1, true and "1" are three values; what JSON does not know is told apart by how it is written."""
    assert len(spaces.one_of([1, True, "1", {1, 2}]).values) == 4
