"""Times: integers of milliseconds since the epoch inside, ISO 8601 in UTC outside."""

from __future__ import annotations

import time
from datetime import datetime, timezone


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def iso(milliseconds: int) -> str:
    """`1795492993123` → `2026-11-24T03:43:13.123Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:03d}Z"


def from_iso(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 time; without a zone it is taken as UTC.

    Raises:
        ValueError: it is no such time.
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)
