"""Manifests of directories."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.artifacts.manifest import Member, decode, encode, is_safe
from gittrack.core.errors import MalformedFile

DIGEST = "0" * 64


def test_round_trip() -> None:
    """What is encoded decodes to the same files, sorted by path."""
    members = [Member("b/2.bin", DIGEST, 2), Member("a.txt", DIGEST, 1)]
    assert decode(encode(members), "m") == sorted(members)


def test_equal_directories_have_equal_manifests() -> None:
    """The order in which files are found does not matter."""
    one, two = Member("a", DIGEST, 1), Member("b", DIGEST, 1)
    assert encode([one, two]) == encode([two, one])


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "./a",
        "a\\b",
        "C:x",
        "a\nb",
        "a\x1b[31m",
        "a/",
        'a"',
        "x" * 1001,
    ],
)
def test_unsafe_paths(path: str) -> None:
    """A path that leaves its directory, or works on one system only, is refused."""
    assert not is_safe(path)
    with pytest.raises(MalformedFile, match="unsafe path"):
        decode(encode([Member(path, DIGEST, 1)]), "m")


@pytest.mark.parametrize("path", ["a", "a/b.txt", "weights-0.bin", "été/é.png", "..a", "a b"])
def test_safe_paths(path: str) -> None:
    """Ordinary names pass."""
    assert is_safe(path)


@given(st.binary(max_size=200))
def test_garbage_is_malformed(data: bytes) -> None:
    """Any bytes give files or MalformedFile."""
    with contextlib.suppress(MalformedFile):
        decode(data, "m")


def test_a_size_must_be_a_number() -> None:
    """A line with a wrong type is refused."""
    text = b'{"schema":"gittrack.manifest/1"}\n{"path":"a","sha256":"x","size":"1"}\n'
    with pytest.raises(MalformedFile, match="size is '1'"):
        decode(text, "m")
