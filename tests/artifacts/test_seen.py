"""The memory of files that were read."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.content import Identity
from gittrack.artifacts.seen import LEAST, Seen

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "a" * 64
STATE = Identity(2049, 17, LEAST, 1, 2)


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """An empty memory."""
    return Seen(tmp_path / "seen")


def test_an_unchanged_file_is_known(seen: Seen) -> None:
    """The same state gives the digest that was noted."""
    seen.note(STATE, DIGEST)
    assert seen.digest(STATE) == DIGEST


def test_nothing_is_known_at_first(seen: Seen) -> None:
    """A file that was not noted must be read."""
    assert seen.digest(STATE) is None


@pytest.mark.parametrize("field", Identity._fields)
def test_any_difference_counts(seen: Seen, field: str) -> None:
    """Another device, inode, size or time is another state."""
    seen.note(STATE, DIGEST)
    assert seen.digest(STATE._replace(**{field: getattr(STATE, field) + 1})) is None


def test_small_files_are_not_noted(seen: Seen, tmp_path: Path) -> None:
    """Reading a small file is as fast as asking."""
    small = STATE._replace(size=LEAST - 1)
    seen.note(small, DIGEST)
    assert seen.digest(small) is None
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize("garbage", [b"", b"{}", b"[]", b"1", b'{"state": 1, "sha256": "x"}'])
def test_garbage_is_nothing_known(seen: Seen, tmp_path: Path, garbage: bytes) -> None:
    """An entry that was cut short or edited costs a read."""
    seen.note(STATE, DIGEST)
    [entry] = (tmp_path / "seen").iterdir()
    entry.write_bytes(garbage)
    assert seen.digest(STATE) is None


def test_old_entries_go(seen: Seen, tmp_path: Path) -> None:
    """What was not noted for three months is forgotten."""
    seen.note(STATE, DIGEST)
    seen.trim()
    [entry] = (tmp_path / "seen").iterdir()
    long_ago = time.time() - 100 * 86400
    os.utime(entry, (long_ago, long_ago))
    seen.trim()
    assert seen.digest(STATE) is None


def test_a_memory_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """Nothing fails because of it."""
    (tmp_path / "seen").write_text("a file")
    seen = Seen(tmp_path / "seen")
    seen.note(STATE, DIGEST)
    seen.trim()
    assert seen.digest(STATE) is None
