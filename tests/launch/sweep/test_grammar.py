from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.launch.sweep.grammar import parse, parse_param
from gittrack.launch.sweep.space import OneOf, Real, SpaceError, Whole


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1,0.01", (0.1, 0.01)),
        ("adam", ("adam",)),
        (" 1 , true,null, x y ", (1, True, None, "x y")),
        ("'a, b',\"1\"", ("a, b", "1")),
        ('""', ("",)),
        ('[64, 64],[128],{"a": 1}', ([64, 64], [128], {"a": 1})),
        ("choice(a, 'f(x)')", ("a", "f(x)")),
        ("range(3)", (0, 1, 2)),
        ("range(1, 10, 4)", (1, 5, 9)),
        ("range(3, 0, -1)", (3, 2, 1)),
        ("range(0, 1, 0.25)", (0.0, 0.25, 0.5, 0.75)),
        ("range(0, 0.3, 0.1)", (0.0, 0.1, 0.2)),
        ("range(1, 0, -0.5)", (1.0, 0.5)),
        ("1e-3", (0.001,)),
    ],
)
def test_lists(text: str, values: tuple[object, ...]) -> None:
    """A list is values between commas, or a call that makes one."""
    assert parse(text) == OneOf(values)


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("uniform(0, 1)", Real(0.0, 1.0)),
        ("loguniform(1e-5, 1e-1)", Real(1e-5, 0.1, log=True)),
        ("int(1,8)", Whole(1, 8)),
        (" logint( 1 , 1024 ) ", Whole(1, 1024, log=True)),
    ],
)
def test_ranges(text: str, space: object) -> None:
    """A range is a call with its lowest and its highest value."""
    assert parse(text) == space


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "no values"),
        ("  ", 2, "no values"),
        ("unifrom(0,1)", 0, "no such space: unifrom"),
        ("uniform(0,1", 11, "`)` is not the last character"),
        ("uniform(0,1),3", 12, "`)` is not the last character"),
        ("0.1,uniform(0,1)", 11, "( within a value"),
        ("a'b", 1, "' within a value"),
        ("1,,2", 2, "a value is missing"),
        ("1,", 2, "a value is missing"),
        ("'a", 0, "not closed"),
        ("'a' b", 4, "a comma is missing"),
        ("[1,", 3, "no JSON"),
        ("a,a", 0, "twice"),
        ("range(0)", 0, "empty"),
        ("range(1, 2, 0)", 0, "not 0"),
        ("range()", 0, "one to three"),
        ("range(0, inf)", 9, "takes numbers"),
        ("range(1e9)", 0, "more than 1,000,000"),
        ("range(10000000)", 0, "more than 1,000,000"),
        ("uniform(a, 1)", 8, "takes numbers"),
        ("uniform(1, 0)", 0, "is empty"),
        ("loguniform(0, 1)", 0, "above 0"),
        ("int(1.5, 2)", 0, "whole numbers"),
        ("choice()", 0, "empty"),
    ],
)
def test_mistakes_have_a_place_and_a_hint(text: str, position: int, says: str) -> None:
    """What does not parse says where, why, and what to write."""
    with pytest.raises(SpaceError) as raised:
        parse(text, "lr")
    assert (raised.value.position, raised.value.text) == (position, text)
    assert says in raised.value.message
    assert raised.value.message.startswith("lr: ")
    assert raised.value.hint


def test_a_near_name_is_offered() -> None:
    """A mistyped space names the right one."""
    with pytest.raises(SpaceError) as raised:
        parse("unifrom(0,1)")
    assert "uniform" in (raised.value.hint or "")


def test_a_param_has_a_name() -> None:
    """`-P` takes NAME=SPACE."""
    assert parse_param(" lr =1,2") == ("lr", OneOf((1, 2)))
    for word in ("lr", "=1"):
        with pytest.raises(SpaceError, match="is no NAME=SPACE"):
            parse_param(word)


@given(st.text(alphabet="ab01.,-+()[]{}'\"e :", max_size=20))
def test_any_text_parses_or_says_why(text: str) -> None:
    """Nothing but SpaceError comes out, and its place is in the text."""
    position: int | None = 0
    try:
        parse(text)
    except SpaceError as error:
        position = error.position
    assert position is not None
    assert 0 <= position <= len(text)
