"""The values that a field may be compared with; pure."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from gittrack.core.records import STATUSES
from gittrack.core.times import from_iso
from gittrack.query.filter.fields import Unfit, type_of
from gittrack.store.index.values import fitting

if TYPE_CHECKING:
    from gittrack.query.filter.fields import Type
    from gittrack.query.filter.nodes import Field, Value

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE | re.ASCII)
_WORDS = {"now": 0, "today": 0, "yesterday": 1}
_DAY_MS = 86_400_000


def value_for(field: Field, value: Value, now: int, *, pattern: bool = False) -> Value:
    """A value as the field takes it.

    Args:
        field: what it is compared with.
        value: as written.
        now: for `2d ago`, milliseconds since the epoch.
        pattern: whether it is one of LIKE.

    Raises:
        Unfit: the field takes no such value.
    """
    kind = type_of(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = fitting(value)
    if pattern:
        return _pattern(field, kind, value)
    if kind == "loose":
        return value
    if kind in {"text", "status"}:
        return _text(field, kind, value)
    if kind == "bool":
        return _bool(field, value)
    if isinstance(value, str):
        return _number(field, kind, value, now)
    if isinstance(value, bool):
        msg = f"{field} is a number"
        raise Unfit(msg, f"compare it with a number: {field} > 0")
    return value


def _pattern(field: Field, kind: Type, value: Value) -> str:
    if kind not in {"loose", "text", "status"}:
        msg = f"{field} is no text"
        raise Unfit(msg, "compare it with =, !=, <, <=, > or >=")
    if not isinstance(value, str):
        msg = "LIKE takes a text"
        raise Unfit(msg, f"put it in quotes: '%{value}%'")
    if len(value) > 10_000:  # noqa: PLR2004  SQLite takes patterns of 50,000 bytes
        msg = "the pattern is longer than 10000 characters"
        raise Unfit(msg, "shorten it with %")
    return value.lower() if kind == "status" else value


def _text(field: Field, kind: Type, value: Value) -> str:
    if not isinstance(value, str):
        msg = f"{field} is text"
        raise Unfit(
            msg, f"put the value in quotes: '{str(value).lower() if isinstance(value, bool) else value}'"
        )
    if kind == "text":
        return value
    status = value.lower()
    if status not in STATUSES:
        close = difflib.get_close_matches(status, STATUSES, n=1)
        msg = f"no status {value!r}"
        raise Unfit(msg, f"did you mean '{close[0]}'?" if close else f"it is one of {', '.join(STATUSES)}")
    return status


def _bool(field: Field, value: Value) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
    if known is None:
        msg = f"{field} is true or false"
        raise Unfit(msg, f"write {field} = true")
    return known


def _number(field: Field, kind: Type, text: str, now: int) -> float:
    found = {"time": _time, "duration": _duration}.get(kind, lambda _text, _now: None)(text, now)
    if found is not None:
        return found
    if kind == "time":
        msg = f"not a time: {text!r}"
        raise Unfit(
            msg, "write '2026-11-24', '2026-11-24 10:00' (UTC), '2d ago' or milliseconds since the epoch"
        )
    if kind == "duration":
        msg = f"not a duration: {text!r}"
        raise Unfit(msg, "write '90s', '1h30m' or a number of seconds")
    msg = f"{field} is a number"
    raise Unfit(msg, "write the value without quotes")


def _time(text: str, now: int) -> int | None:
    word = text.strip().lower()
    if word in _WORDS:
        return now if word == "now" else now - now % _DAY_MS - _WORDS[word] * _DAY_MS
    if word.endswith("ago"):
        ago = _duration(word[:-3], now)
        return None if ago is None or ago > now else now - round(ago * 1000)
    try:
        return from_iso(text.strip())
    except (ValueError, OverflowError):
        return None


def _duration(text: str, _now: int) -> float | None:
    seconds = 0.0
    rest = text.strip()
    while match := _SPAN.match(rest):
        unit = match[2].lower()
        known = _SECONDS.get(unit if unit in _SECONDS else _UNITS.get(unit, ""))
        if known is None:
            return None
        seconds += float(match[1]) * known
        rest = rest[match.end() :]
    return None if rest or not text.strip() else seconds


_UNITS = {
    name: unit
    for unit, names in {
        "s": "sec secs second seconds",
        "m": "min mins minute minutes",
        "h": "hr hrs hour hours",
        "d": "day days",
        "w": "week weeks",
    }.items()
    for name in names.split()
}
