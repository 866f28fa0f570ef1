from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from gittrack.core.yaml_reader import read_yaml, read_yaml_1_1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("+7", 7),
        ("012", 12),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-24", "2026-11-24"),
        ("-.inf", -math.inf),
        ("=", "="),
        ("<<", "<<"),
        ("'1'", "1"),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    """YAML 1.2's core schema, not 1.1's surprises."""
    assert read_yaml(f"a: {text}\n".encode()) == {"a": value}


def test_nan() -> None:
    """Not a number is one."""
    assert math.isnan(read_yaml(b".nan"))


@pytest.mark.parametrize("text", ["a: &x 1", "a: *x", "a: !x 1", "a: !!str 1", 'a: ! "1"', "a: ! 1"])
def test_tricks_are_refused(text: str) -> None:
    """With the line where they are."""
    with pytest.raises(ValueError, match="line 2"):
        read_yaml(f"b: 1\n{text}\n".encode())


def test_users_may_merge() -> None:
    """Anchors are fine in a file of the user's own."""
    text = b"base: &base {lr: 1, 2: x}\nrun:\n  <<: *base\n  lr: 3\n"
    assert read_yaml(text, anchors=True)["run"] == {"lr": 3, "2": "x"}


def test_files_of_other_tools() -> None:
    """Values as YAML 1.1 has them, keys as text, anchors and merges resolved, and the lines of keys."""
    text = b"base: &b {n: yes, o: 010}\nno:\n  <<: *b\n  x: 1e-3\n  y: [a, 2020-01-01]\n"
    value, lines = read_yaml_1_1(text)
    assert value == {
        "base": {"n": True, "o": 8},
        "no": {"n": True, "o": 8, "x": "1e-3", "y": ["a", dt.date(2020, 1, 1)]},
    }
    assert {key: lines[key] for key in [("base",), ("no",), ("no", "x"), ("no", "y", "1")]} == {
        ("base",): 1,
        ("no",): 2,
        ("no", "x"): 4,
        ("no", "y", "1"): 5,
    }
    assert read_yaml_1_1(b"") == (None, {})


@pytest.mark.parametrize(
    "text",
    [
        *("a: [", "a: 1\n---\nb: 2", "? [a]\n: 1", "a: &a [*a]", "a: !!python/object:os.system x"),
        *("a: 2020-99-99", "a: \x00", "[" * 60 + "]" * 60),
    ],
)
def test_no_yaml_of_other_tools(text: str) -> None:
    """What cannot be read is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  that is the promise
        read_yaml_1_1(text.encode())
