"""CSV and JSON files are compared number by number."""

from __future__ import annotations

import pytest

from gittrack.query.verdict.numbers import difference
from gittrack.query.verdict.rules import ArtifactRule

EXACT = ArtifactRule("numeric")
LOOSE = ArtifactRule("numeric", rtol=0.01)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.csv", b"x,y\n1,2\n", b"x,y\r\n1.0,2e0\r\n"),
        ("a.tsv", b"x\ty\n1\tnan\n", b"x\ty\n1.0\tNaN\n"),
        ("a.json", b'{"a": 1, "b": [1.0, null, true]}', b'{"b":[1,null,true],"a":1.0}'),
        ("a.jsonl", b'{"a": 1}\n\n{"a": 2}\n', b'{"a":1}\n{"a":2}'),
        ("a.json", b"[1e400]", b"[1e500]"),
        ("a.json", b"\xef\xbb\xbf[1]", b"[1.0]"),
    ],
)
def test_the_same_numbers(path: str, before: bytes, after: bytes) -> None:
    """How a file is written does not matter."""
    assert difference(path, before, after, EXACT) is None


@pytest.mark.parametrize(
    ("path", "before", "after", "where"),
    [
        ("a.csv", b"x\n1\n", b"x\n2\n", "[1][0]: 1.0 → 2.0, by 1"),
        ("a.csv", b"x\n1\n", b"y\n1\n", "[0][0]: 'x' → 'y'"),
        ("a.csv", b"x\n1_0\n", b"x\n10\n", "[1][0]: '1_0' → 10.0"),
        ("a.csv", b"x\n1\n", b"x\n1\n2\n", "2 entries → 3"),
        ("a.csv", b'x\n"1\n', b"x\n2\n", "cannot be read as numbers: unexpected end of data"),
        ("a.json", b'{"a": {"b": 1}}', b'{"a": {"b": 3}}', "a.b: 1 → 3, by 2"),
        ("a.json", b'{"a": 1}', b"{}", "a: missing"),
        ("a.json", b"{}", b'{"a": 1}', "a: new"),
        ("a.json", b'{"a": {}}', b'{"a": {"b": 1}}', "a.b: new"),
        ("a.json", b'{"a": true}', b'{"a": 1}', "a: True → 1"),
        ("a.json", b'{"a": null}', b'{"a": ""}', "a: None → ''"),
        ("a.json", b"[1]", b"[NaN]", "[0]: 1 → nan, by nan"),
        ("a.json", b"[9007199254740993]", b"[9007199254740992]", "by 0"),
        ("a.json", b"[1]", b"[1" + b"0" * 400 + b"]", "[0]: 1 → 1000"),
        ("a.json", b"not", b"[1]", "cannot be read as numbers"),
        ("a.json", b"[" * 300 + b"1" + b"]" * 300, b"[" * 300 + b"2" + b"]" * 300, "too deep to compare"),
        ("a.json", b'["' + b"x" * 99 + b'"]', b'["y"]', "…"),
    ],
)
def test_other_numbers(path: str, before: bytes, after: bytes, where: str) -> None:
    """The first place that differs is named, and by how much."""
    assert where in str(difference(path, before, after, EXACT))


def test_tolerance() -> None:
    """Numbers within the tolerance are the same; texts have to be equal."""
    assert difference("a.json", b'{"a": 100}', b'{"a": 100.9}', LOOSE) is None
    assert difference("a.json", b'{"a": 100}', b'{"a": 102}', LOOSE) == "a: 100 → 102, by 2"
    assert difference("a.csv", b"a,100\n", b"a,100.5\n", LOOSE) is None
