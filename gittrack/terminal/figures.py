"""Numbers, times and sizes as people read them; pure."""

from __future__ import annotations

import math
import time
from typing import Any

from gittrack.core.text import dump_json
from gittrack.query.drawing.figures import number
from gittrack.terminal.escape import line

__all__ = [
    "MARKS",
    "age",
    "commit",
    "day",
    "duration",
    "moment",
    "number",
    "percent",
    "signed",
    "size",
    "sparkline",
    "spread",
    "tail",
    "value",
]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e7
_RECENT_DAYS = 30
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
MARKS = {
    "queued": "○",
    "running": "●",
    "finished": "✓",
    "failed": "✗",
    "killed": "✗",
    "oom": "✗",
    "interrupted": "■",
    "lost": "?",
}


def signed(value: float, digits: int = 4) -> str:
    """The same with its sign: `+0.012`."""
    text = number(value, digits)
    return text if text.startswith("-") or text == "NaN" else f"+{text}"


def spread(mean: float, deviation: float | None, digits: int = 4) -> str:
    """Mean and deviation, to the second digit of the deviation: `0.9132 ± 0.0008`; the mean without one."""
    if deviation is None:
        return number(mean, digits)
    if not deviation or not math.isfinite(deviation):
        return f"{number(mean, digits)} ± {number(deviation, 2)}"
    size = max(abs(mean), deviation)
    if not _PLAIN_FROM <= size < _PLAIN_TO:
        return f"{number(mean, digits)} ± {number(deviation, 2)}"
    after = min(9, max(0, 1 - math.floor(math.log10(deviation))))
    return f"{mean:.{after}f} ± {deviation:.{after}f}"


def percent(ratio: float) -> str:
    """A share: `+1.3%`, `-40%`, `x12` for what grew more than tenfold."""
    if abs(ratio) >= 10:  # noqa: PLR2004  a thousand percent says less than a factor
        return f"x{number(1 + ratio, 3)}"
    return f"{signed(ratio * 100, 3)}%"


def value(given: Any) -> str:  # noqa: ANN401, PLR0911  a JSON value, one case a type
    """A param or the like on one line, harmless to show."""
    if isinstance(given, str):
        return line(given)
    if isinstance(given, bool):
        return "true" if given else "false"
    if given is None:
        return "null"
    if isinstance(given, float):
        return repr(given) if math.isfinite(given) else number(given)
    if isinstance(given, int):
        return str(given)
    try:
        return line(dump_json(given).decode())
    except (TypeError, ValueError):  # nothing that JSON has, or nested too deep
        return line(repr(given))


def duration(milliseconds: float) -> str:
    """`0.8s`, `12s`, `3m04s`, `2h05m`, `3d04h`."""
    seconds = max(0.0, milliseconds / 1000)
    if seconds < 10:  # noqa: PLR2004  tenths matter below
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}m"
    return f"{whole // _DAY}d{whole % _DAY // _HOUR:02d}h"


def age(then: int, now: int) -> str:
    """How long ago, both in milliseconds since the epoch: `12s ago`; a date when it is long ago."""
    seconds = max(0, now - then) // 1000
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= size:
            count = seconds // size
            return f"{count}{unit} ago" if unit != "d" or count < _RECENT_DAYS else day(then)
    return f"{seconds}s ago"


def day(milliseconds: int) -> str:
    """The date in the local time zone."""
    return _local("%Y-%m-%d", milliseconds)


def moment(milliseconds: int) -> str:
    """Date and time in the local time zone, to the second."""
    return _local("%Y-%m-%d %H:%M:%S", milliseconds)


def _local(shape: str, milliseconds: int) -> str:
    try:
        return time.strftime(shape, time.localtime(milliseconds / 1000))
    except (OverflowError, ValueError, OSError):  # a clock far off, or made up
        return str(milliseconds)


def size(count: float) -> str:
    """Bytes: `812 B`, `1.4 MB`."""
    for unit in _UNITS[:-1]:
        if abs(count) < 1000:  # noqa: PLR2004  SI units
            return f"{number(float(count), 3)} {unit}"
        count /= 1000
    return f"{number(float(count), 3)} {_UNITS[-1]}"


def commit(oid: str | None) -> str:
    """A commit as people quote it."""
    return line(oid[:10]) if oid else ""


def tail(run_id: str) -> str:
    """The part of an id that tells it from others: the random one where it has our form."""
    head, _, last = run_id.rpartition("-")
    return last if len(last) == 8 and len(head) == 15 and head[8] == "-" else run_id  # noqa: PLR2004


def sparkline(values: list[float]) -> str:
    """A row of bars, one a value; all finite."""
    bars = "▁▂▃▄▅▆▇█"
    if not values:
        return ""
    low, high = min(values), max(values)
    if high - low in {0, math.inf}:
        return bars[3] * len(values)
    return "".join(bars[min(7, int((one - low) / (high - low) * 8))] for one in values)
