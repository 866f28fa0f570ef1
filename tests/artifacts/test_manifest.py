"""Manifests of directories."""

from __future__ import annotations

import contextlib
import json

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


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"path": "a", "sha256": DIGEST, "size": "1"}, "size is '1'"),
        ({"path": "a", "sha256": DIGEST, "size": -1}, "size is -1"),
        ({"path": "a", "sha256": DIGEST, "size": True}, "size is True"),
        ({"path": "a", "sha256": "../x", "size": 1}, "sha256 is '../x'"),
        ({"path": "a", "sha256": None, "size": 1}, "sha256 is 'None'"),
        ({"path": 1, "sha256": DIGEST, "size": 1}, "path is 1"),
        ({"path": "a", "sha256": DIGEST}, "size"),
    ],
)
def test_lines_are_checked(line: dict[str, object], reason: str) -> None:
    """A line with a wrong value is refused, and said to be."""
    text = b'{"schema":"gittrack.manifest/1"}\n' + json.dumps(line).encode()
    with pytest.raises(MalformedFile, match=reason):
        decode(text, "m")


@pytest.mark.parametrize("paths", [["a", "a"], ["a", "a/b"], ["a/b/c", "a/b"]])
def test_files_in_the_way_of_each_other(paths: list[str]) -> None:
    """No directory can hold two files of one path, or a file that is a folder, too."""
    with pytest.raises(MalformedFile, match="two files at"):
        decode(encode(Member(path, DIGEST, 1) for path in paths), "m")


def test_what_is_no_manifest() -> None:
    """Another schema is refused."""
    with pytest.raises(MalformedFile, match="not a manifest"):
        decode(b'{"schema":"other/1"}\n', "m")
