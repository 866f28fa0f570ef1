"""What may be logged."""

from __future__ import annotations

import datetime as dt
import enum
import math
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest

from gittrack.core.errors import InvalidValue
from gittrack.tracking import values


class Color(enum.Enum):
    """An enum of a user's."""

    RED = "red"


@pytest.mark.parametrize("key", ["lr", "val/acc", "model.depth", "größe", "a b", "x" * 250, "学習率"])
def test_good_keys(key: str) -> None:
    """Printable text names things."""
    assert values.check_key(key, "param") == key


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("x" * 251, "251 characters"),
        ("a\nb", "control characters"),
        ("a\x1b[31m", "control characters"),
        ("a\u202eb", "control characters"),
        (3, "text, not int"),
        (None, "text, not NoneType"),
    ],
)
def test_bad_keys(key: object, message: str) -> None:
    """A key that cannot be one is refused with a hint."""
    with pytest.raises(InvalidValue, match=message) as caught:
        values.check_key(key, "param")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, 0.1),
        (3, 3),
        (True, True),
        (None, None),
        ("adam", "adam"),
        ([1, (2, 3)], [1, [2, 3]]),
        ({"a": {1: "b"}}, {"a": {"1": "b"}}),
        (2**70, str(2**70)),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (PurePosixPath("data/x.csv"), "data/x.csv"),
        (dt.date(2026, 11, 24), "2026-11-24"),
        (Color.RED, "red"),
        (np.float64(0.5), 0.5),
        (np.int32(7), 7),
        (np.bool_(True), True),  # noqa: FBT003  a NumPy scalar
        (np.arange(3), [0, 1, 2]),
        ({"s"}, ["s"]),
        ("lone \ud800", "lone ?"),
    ],
)
def test_params(value: object, expected: Any) -> None:
    """Plain values stay, what converts exactly is converted."""
    found = values.check_param("p", value)
    assert found == expected
    assert type(found) is type(expected)


def test_a_param_of_another_kind() -> None:
    """An object is refused, and the hint says what to do."""
    with pytest.raises(InvalidValue, match="no simple value") as caught:
        values.check_param("model", object())
    assert "str(" in (caught.value.hint or "")


def test_a_large_param() -> None:
    """Ten megabytes are an artifact."""
    with pytest.raises(InvalidValue, match=r"10,000,000 bytes") as caught:
        values.check_param("text", "x" * 10_000_000)
    assert "log_text" in (caught.value.hint or "")


def test_a_deep_param() -> None:
    """Nesting has a limit."""
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(InvalidValue, match="nested deeper"):
        values.check_param("deep", deep)


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (1, "1"), (True, "true"), ([1], "[1]"), (None, "null")]
)
def test_tags_are_text(value: object, expected: str) -> None:
    """Any simple value becomes text."""
    assert values.check_tag("t", value) == expected


def test_a_large_tag() -> None:
    """Tags have a limit."""
    with pytest.raises(InvalidValue, match="characters"):
        values.check_tag("t", "x" * 100_000)


def test_notes() -> None:
    """A note is text of reasonable length."""
    assert values.check_note("# why\n") == "# why\n"
    with pytest.raises(InvalidValue, match="text, not int"):
        values.check_note(3)
    with pytest.raises(InvalidValue, match="characters"):
        values.check_note("x" * 1_000_001)


def test_mappings() -> None:
    """Params and tags come as mappings; all are checked before one is taken."""
    assert values.check_params({"a": 1}) == {"a": 1}
    assert values.check_tags({"a": 1}) == {"a": "1"}
    with pytest.raises(InvalidValue, match="params are a mapping") as caught:
        values.check_params([("a", 1)])  # type: ignore[arg-type]  # that is the point
    assert "vars(args)" in (caught.value.hint or "")


def test_times() -> None:
    """Milliseconds or a datetime."""
    moment = dt.datetime(2026, 11, 24, 4, 3, 13, 123456, tzinfo=dt.timezone.utc)
    assert values.nanoseconds(moment) == 1_795_492_993_123_456_000
    assert values.nanoseconds(1_795_492_993_123) == 1_795_492_993_123_000_000
    assert values.nanoseconds(None) is None
    for wrong in ("now", math.nan):
        with pytest.raises(InvalidValue, match="not a time"):
            values.nanoseconds(wrong)  # type: ignore[arg-type]  # that is the point
