from __future__ import annotations

import math
from typing import Any

import pytest

from gittrack.core.yaml_reader import read_yaml


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
