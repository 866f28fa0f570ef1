"""Fixtures of the store: a remote and two clones of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.remotes import clone, make_remote

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository that takes everything."""
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> RunStore:
    """A clone."""
    return clone(remote, tmp_path / "ada")


@pytest.fixture
def bob(remote: Path, tmp_path: Path) -> RunStore:
    """Another clone."""
    return clone(remote, tmp_path / "bob")
