"""Fixtures of the store: a remote and two clones of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import Started
from gittrack.store.journal.writer import Journal
from tests.support.journals import RUN
from tests.support.remotes import clone, make_remote

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a run lives."""
    return tmp_path / "live" / RUN.id


@pytest.fixture
def journal(directory: Path) -> Iterator[Journal]:
    """The journal of a run that has started."""
    one = Journal(directory)
    one.event(Started(RUN))
    yield one
    one.close()


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A run that has started and whose owner is gone."""
    journal = Journal(tmp_path / RUN.id)
    journal.event(Started(RUN))
    journal.close()
    return tmp_path / RUN.id
