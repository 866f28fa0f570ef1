from __future__ import annotations

import dataclasses

import pytest

from gittrack.core.records import Run


def test_duration() -> None:
    """Milliseconds, once it has ended."""
    assert Run("a", start_time=5, end_time=12).duration_ms == 7
    assert Run("a", start_time=5).duration_ms is None


def test_runs_are_values() -> None:
    """Nobody changes one."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Run("a"), "name", "b")  # noqa: B010  mypy sees the other way
