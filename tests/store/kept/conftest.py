"""Fixtures: two clones that share an artifact store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.store.kept.places import Kept
from tests.support.kept import with_bucket
from tests.support.remotes import clone

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """The folder of an artifact store."""
    path = tmp_path / "bucket"
    path.mkdir()
    return path


@pytest.fixture
def ada(remote: Path, tmp_path: Path, bucket: Path) -> RunStore:
    """A clone."""
    return with_bucket(clone(remote, tmp_path / "ada"), bucket)


@pytest.fixture
def bob(remote: Path, tmp_path: Path, bucket: Path) -> RunStore:
    """Another clone."""
    return with_bucket(clone(remote, tmp_path / "bob"), bucket)


@pytest.fixture
def kept(ada: RunStore) -> Kept:
    """What the first clone keeps."""
    return Kept(ada)
