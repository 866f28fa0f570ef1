"""Names of runs, of those who write them, and of what they log.

A run id is `<yyyymmdd>-<hhmmss>-<8 characters>`: UTC seconds, then 40 random bits in Crockford's
base32 (lower case, without i, l, o and u). Ids sort by time, never collide across machines in
practice (about one in 10^12 for two runs of one second), and say where their files are.
Ids of runs imported from elsewhere keep their form, as long as it is safe in a path.
"""

from __future__ import annotations

import os
import re
import time

from gittrack.core.errors import InvalidValue
from gittrack.core.times import iso

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_OWN = re.compile(r"(\d{4})(\d\d)(\d\d)-\d{6}-[0-9a-hjkmnp-tv-z]{8}", re.ASCII)
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_WRITER = re.compile(r"[0-9a-z]{4,32}", re.ASCII)
# Control characters, line and paragraph ends, what turns the direction of text, lone surrogates. Not
# `str.isprintable`: what it says depends on the version of Python.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LONGEST_KEY = 250
_SHOWN = 80


def random_text(length: int) -> str:
    """Random characters of the base32 alphabet, 5 bits each."""
    return "".join(_ALPHABET[byte & 31] for byte in os.urandom(length))


def new_run_id(now_ms: int) -> str:
    """An id for a run that starts now (`now_ms`: milliseconds since the epoch)."""
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime(now_ms / 1000)) + random_text(8)


def new_writer() -> str:
    """A name for one that writes: a clone, or a process of a run."""
    return random_text(10)


def is_run_id(text: object) -> bool:
    """Whether `text` may be the id of a run; such a text is safe as one component of a path."""
    if not isinstance(text, str) or not _SAFE.fullmatch(text):
        return False
    return ".." not in text and not text.endswith((".", ".lock"))


def is_writer(text: object) -> bool:
    """Whether `text` may be the name of a writer."""
    return isinstance(text, str) and _WRITER.fullmatch(text) is not None


def is_key(text: object) -> bool:
    """Whether `text` may name a metric: 1 to 250 characters, no control characters, not only spaces."""
    if not isinstance(text, str) or len(text) > _LONGEST_KEY:
        return False
    return text.strip() != "" and _CONTROL.search(text) is None


def check_key(text: object) -> str:
    """`text` itself, when it may name a metric.

    Raises:
        InvalidValue: it may not.
    """
    if isinstance(text, str) and is_key(text):
        return text
    shown = repr(text)
    msg = f"not a name: {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}"
    raise InvalidValue(msg, hint="a name is text of 1 to 250 printable characters")


def check_run_id(text: str) -> str:
    """`text` itself, when it may be a run id.

    Raises:
        InvalidValue: it may not.
    """
    if not is_run_id(text):
        msg = f"not a run id: {text[:80]!r}"
        raise InvalidValue(
            msg,
            hint="an id has letters, digits, '-', '_' and single dots only, 100 at most",
        )
    return text


def day_of(run_id: str, start_time: int | None) -> tuple[str, str]:
    """The date directories of a run: `("2026-11", "24")`.

    From the id where it has our form, else from the start time (milliseconds since the epoch).
    """
    if match := _OWN.fullmatch(run_id):
        year, month, day = match.groups()
        return f"{year}-{month}", day
    try:
        day = iso(start_time or 0)
    except ValueError:  # a time that no calendar has, written by somebody else
        day = iso(0)
    return day[:7], day[8:10]
