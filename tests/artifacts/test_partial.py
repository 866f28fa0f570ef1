"""Objects on their way."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.content import CHUNK
from gittrack.artifacts.objects import Objects
from gittrack.artifacts.partial import Tail, claimed

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "0" * 64


@pytest.fixture
def into(tmp_path: Path) -> Objects:
    """An empty local store."""
    return Objects(tmp_path / "cache")


def test_a_growing_file_is_hashed(tmp_path: Path) -> None:
    """The digest is that of everything that was written, before and after the start."""
    path = tmp_path / "part"
    pieces = [b"first", b"x" * (2 * CHUNK + 1), b"last"]
    path.write_bytes(pieces[0])
    tail = Tail(path)
    for piece in pieces[1:]:
        with path.open("ab") as file:
            file.write(piece)
        tail.grown()
    content = b"".join(pieces)
    assert tail.finish() == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """The error of the thread is raised where the digest was wanted."""
    with pytest.raises(FileNotFoundError):
        Tail(tmp_path / "gone").finish()


def test_an_empty_part_does_not_stay(into: Objects) -> None:
    """A download that brought nothing leaves nothing."""
    with claimed(into, DIGEST) as part:
        assert part is not None
        assert part.size == 0
    assert not into.part_of(DIGEST).exists()


def test_a_part_stays_for_the_next(into: Objects) -> None:
    """What came is there when the object is claimed again."""
    for size in (0, 5):
        with claimed(into, DIGEST) as part:
            assert part is not None
            assert part.size == size
            part.path.write_bytes(b"12345")


def test_what_is_here_needs_no_part(into: Objects) -> None:
    """An object that is in the store is not claimed."""
    with claimed(into, into.put_bytes(b"x").sha256) as part:
        assert part is None
