"""Goldens are written in UTC, for a screen of known width."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.golden.plugin import golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["golden"]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`screen(80)`: what is printed goes to a terminal of that width, without colours."""

    def set_up(width: int) -> None:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("NO_COLOR", "1")

    return set_up
