"""The cache of downloads."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path

NOW = time.time()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache for ten bytes."""
    return Cache(tmp_path / "cache", 10)


def put(cache: Cache, content: bytes, minutes_ago: float) -> str:
    """An object that was used some time ago."""
    sha256 = cache.objects.put_bytes(content).sha256
    used = NOW - 60 * minutes_ago
    os.utime(cache.objects.path_of(sha256), (used, used))
    return sha256


def test_what_was_used_longest_ago_goes(cache: Cache) -> None:
    """The oldest objects go until the limit holds."""
    middle, old, new = put(cache, b"55555", 20), put(cache, b"4444", 30), put(cache, b"333", 10)
    assert cache.trim(now=NOW) == (1, 4, 8)
    assert {*cache.objects.all()} == {middle, new}
    assert not cache.objects.has(old)


def test_below_the_limit_nothing_goes(cache: Cache) -> None:
    """A cache that is small enough stays as it is, and so does an empty one."""
    assert cache.trim(now=NOW) == (0, 0, 0)
    put(cache, b"1234567890", 1000)
    assert cache.trim(now=NOW) == (0, 0, 10)


def test_using_makes_it_young(cache: Cache) -> None:
    """An object that is used again is not the oldest any more."""
    first, second = put(cache, b"666666", 30), put(cache, b"55555", 20)
    path = cache.use(first)
    assert path == cache.objects.path_of(first)
    cache.trim(now=NOW)
    assert {*cache.objects.all()} == {first}
    assert not cache.objects.has(second)


def test_what_is_not_here_cannot_be_used(cache: Cache) -> None:
    """A miss is no error."""
    assert cache.use("0" * 64) is None


def test_some_are_kept(cache: Cache) -> None:
    """What the caller still needs stays, whatever the limit."""
    needed, other = put(cache, b"x" * 20, 30), put(cache, b"y", 20)
    assert cache.trim([needed], now=NOW) == (1, 1, 20)
    assert cache.objects.has(needed)
    assert not cache.objects.has(other)


def test_what_has_just_come_stays(cache: Cache) -> None:
    """An object of the last minute may be about to be opened."""
    fresh = put(cache, b"x" * 20, 0.5)
    assert cache.trim(now=NOW) == (0, 0, 20)
    assert cache.objects.has(fresh)


@pytest.mark.skipif(os.name == "nt", reason="an open file stays on Windows")
def test_an_open_object_stays_readable(cache: Cache) -> None:
    """Whoever reads an object reads it to its end."""
    sha256 = put(cache, b"x" * 20, 30)
    with cache.objects.path_of(sha256).open("rb") as file:
        cache.trim(now=NOW)
        assert not cache.objects.has(sha256)
        assert file.read() == b"x" * 20


def test_parts_are_no_objects(cache: Cache) -> None:
    """A download under way is not counted and not removed."""
    cache.objects.root.mkdir()
    part = cache.objects.part_of("0" * 64)
    part.write_bytes(b"x" * 100)
    assert cache.trim(now=NOW).left == 0
    assert part.exists()
