from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.times import from_iso, iso, now_ms


def test_form() -> None:
    """Milliseconds, always three digits, in UTC."""
    assert iso(1_795_492_993_023) == "2026-11-24T04:03:13.023Z"
    assert iso(0) == "1970-01-01T00:00:00.000Z"


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_times_come_back(milliseconds: int) -> None:
    """From the year 1 to 9999, to the millisecond."""
    assert from_iso(iso(milliseconds)) == milliseconds


@pytest.mark.parametrize("milliseconds", [10**18, -(10**18), 10**30])
def test_no_calendar_has_it(milliseconds: int) -> None:
    """A time from a broken file is an error of value."""
    with pytest.raises(ValueError, match="no date"):
        iso(milliseconds)


def test_zones() -> None:
    """Any zone is understood; without one it is UTC."""
    assert from_iso("2026-11-24T05:00:00+01:00") == from_iso("2026-11-24T04:00:00Z")
    assert from_iso("2026-11-24T04:00:00") == from_iso("2026-11-24T04:00:00.000Z")


@pytest.mark.parametrize("text", ["", "Z", "yesterday", "2026-13-01T00:00:00Z", 5, None])
def test_no_times(text: Any) -> None:
    """Anything else is an error of value."""
    with pytest.raises(ValueError):  # noqa: PT011  the messages are the standard library's
        from_iso(text)


def test_now() -> None:
    """The clock runs in milliseconds."""
    assert iso(now_ms()) >= "2026"
