"""Times: integers of milliseconds since the epoch inside, ISO 8601 in UTC outside."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def iso(milliseconds: int) -> str:
    """`1795492993123` → `2026-11-24T03:43:13.123Z`.

    Raises:
        ValueError: the time is before the year 1 or after the year 9999.
    """
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        msg = f"no date: {milliseconds} ms since the epoch"
        raise ValueError(msg) from error
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def from_iso(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 time; without a zone it is taken as UTC.

    Raises:
        ValueError: it is no such time.
    """
    if not isinstance(text, str):
        msg = f"not a time: {text!r}"
        raise ValueError(msg)  # noqa: TRY004  the caller reads it from a file
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round((moment - _EPOCH) / _MILLISECOND)
