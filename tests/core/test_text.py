from __future__ import annotations

import contextlib
import enum
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump, dump_json, load, load_json, number_in, number_out
from gittrack.core.yaml_reader import read_yaml


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    """No content makes the reader fail in another way."""
    with contextlib.suppress(MalformedFile):
        assert all(isinstance(key, str) for key in load(data, where="run.yaml"))


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "[" * 100_000, "a: " + "[" * 60 + "]" * 60 + "\n"])
def test_deep_nesting_is_malformed(text: str) -> None:
    """It is refused, not followed."""
    with pytest.raises(MalformedFile):
        load(text.encode(), where="run.yaml")


def test_deep_json_is_an_error() -> None:
    """The same in JSON, read and written."""
    with pytest.raises(ValueError, match="limit"):
        load_json("[" * 100_000)
    nest: list[Any] = []
    for _ in range(10_000):
        nest = [nest]
    with pytest.raises(ValueError, match="nested deeper"):
        dump_json(nest)
    with pytest.raises(ValueError, match="nested deeper"):
        dump({"a": nest})


def test_the_form() -> None:
    """What a reviewer sees."""
    document = {
        "schema": "s/1",
        "none": None,
        "command": ["a", 1],
        "params": {"lr": 1e-05, "x y": {"a": [True]}},
    }
    assert dump(document | {"empty": {}, "list": []}).decode() == (
        'schema: "s/1"\nnone: null\ncommand:\n  - "a"\n  - 1\nparams:\n  "lr": 1.0e-05\n'
        '  "x y": {"a": [true]}\nempty: {}\nlist: []\n'
    )


@pytest.mark.parametrize("name", ["no", "y", "null", "true", "1", "a: b", "", "-", "é", "#", "a" * 900])
def test_odd_keys_are_text(name: str) -> None:
    """In any place, for both readers."""
    document = {name: {name: {name: 1}}}
    assert load(dump(document), where="x") == read_yaml(dump(document)) == document


def test_hand_written_keys_are_text() -> None:
    """`1: x` and `no: y` name what they say."""
    assert load(b"params:\n    1: x\n    no: y\n    ~: z\n", where="x") == {
        "params": {"1": "x", "no": "y", "~": "z"}
    }


def test_long_keys_are_refused() -> None:
    """YAML could not read them."""
    with pytest.raises(ValueError, match="a key of 2000 characters"):
        dump({"params": {"k" * 2000: 1}})


def test_huge_integers_become_text() -> None:
    """Readers of JSON would make floats of them."""
    assert load_json(dump_json({"a": [2**64, -(2**63) - 1, 2**64 - 1]})) == {
        "a": [str(2**64), str(-(2**63) - 1), 2**64 - 1]
    }
    assert load(dump({"a": 2**200}), where="x") == {"a": str(2**200)}


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30])
def test_huge_integers_are_exact(number: int) -> None:
    """Written by hand, they are no floats."""
    assert load(b"a: %d\n" % number, where="x") == {"a": number}


def test_lone_surrogates_become_escapes() -> None:
    """File names that are not UTF-8 do not stop a run."""
    assert load(dump({"a": "x\udc80"}), where="x") == {"a": "x\\udc80"}
    assert load_json(dump_json({"a\udc80": ["x\udc80"]})) == {"a\\udc80": ["x\\udc80"]}


class Colour(enum.IntEnum):
    """An integer with a repr of its own."""

    RED = 1


def test_numbers_with_another_repr() -> None:
    """NumPy's floats and enums are written as numbers."""
    numpy = pytest.importorskip("numpy")
    assert dump({"a": numpy.float64(0.5), "b": Colour.RED}) == b"a: 0.5\nb: 1\n"


@pytest.mark.parametrize("value", [object(), {1: 2}, b"x", {"a": {1: 2}}])
def test_what_json_does_not_have(value: Any) -> None:
    """It is the caller's mistake."""
    with pytest.raises(TypeError):
        dump({"a": {"b": value}})


def test_json_of_what_it_does_not_have() -> None:
    """The same for lines."""
    with pytest.raises(TypeError):
        dump_json({"a": object(), "b": 2**70})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b"a: &x 1\nb: *x\n", "anchors"),
        (b"a: !!python/object:os.system 1\n", "tags"),
        (b"- 1\n", "not a mapping"),
        (b"a: [\n", "not YAML"),
        (b"a: 1\n---\nb: 2\n", "not YAML"),
        (b"? [1]\n: 2\n", "not text"),
        (b"a: \x00\n", "not YAML"),
        (b"a: " + b"9" * 5000 + b"\n", "limit"),
    ],
)
def test_malformed(data: bytes, reason: str) -> None:
    """The path and the reason are named."""
    with pytest.raises(MalformedFile, match=reason) as error:
        load(data, where="some/run.yaml")
    assert str(error.value).startswith("some/run.yaml: ")


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"null\n"])
def test_nothing_is_an_empty_document(data: bytes) -> None:
    """A file without content says nothing."""
    assert load(data, where="x") == {}


@given(st.floats())
def test_numbers_come_back(value: float) -> None:
    """NaN and infinities too."""
    back = number_in(load_json(dump_json(number_out(value))))
    assert back == value or (math.isnan(back) and math.isnan(value))


@pytest.mark.parametrize("value", ["high", None, True, [1], "nan"])
def test_no_numbers(value: Any) -> None:
    """Nothing else is taken for one."""
    with pytest.raises(ValueError, match="not a number"):
        number_in(value)
