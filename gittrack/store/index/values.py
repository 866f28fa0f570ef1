"""What a param or tag is when it is compared: a text, and a number where it is one; pure.

Filters compare by these two, in SQL and in Python alike. The text is what MLflow would have stored,
`str(value)`, so that filters written for it mean the same: `True`, `0.1`, `1e-05`.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any, overload

from gittrack.core.text import number_out

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_INT_MAX = 2**63 - 1
_LONGEST_NUMBER = 40
NAN_TEXTS = ("NaN", "nan")
_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


@overload
def clean(text: str) -> str: ...
@overload
def clean(text: None) -> None: ...
def clean(text: str | None) -> str | None:
    """The text with U+FFFD for NUL, after which SQLite would not look on."""
    return text.replace("\0", "\ufffd") if text is not None and "\0" in text else text


def bindable(text: str) -> str:
    """A text from anywhere as SQLite takes it: without NUL and halves of characters."""
    return clean(text).encode(errors="replace").decode()


def text_of(value: Any) -> str:  # noqa: ANN401  a JSON value
    """The text of a param or tag."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(number_out(value))
    return clean(value if type(value) is str else str(value))


def number_of(value: Any) -> float | None:  # noqa: ANN401  a JSON value
    """The number that a param or tag is, also where it is one as text; None for NaN and for no number."""
    kind = type(value)
    if kind is float:
        return None if math.isnan(value) else value
    if kind is int:
        return fitting(value)
    if kind is not str or len(value) > _LONGEST_NUMBER or not value or value[0] > "9":
        return None
    if _NUMBER.fullmatch(value):
        return fitting(int(value)) if value.lstrip("+-").isdigit() else float(value)
    return None


def fitting(value: int) -> float:
    """A whole number as SQLite can hold it: a float where it needs more than 64 bits."""
    if -_INT_MAX <= value <= _INT_MAX:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def glob_of(pattern: str) -> str:
    """A pattern of LIKE (`%` anything, `_` one character) as one of SQLite's GLOB, which minds case."""
    return "".join([_GLOB.get(sign, sign) for sign in pattern])


def like(pattern: str, text: str, *, ignore_case: bool) -> bool:
    """Whether a text fits a pattern of LIKE; an ASCII pattern ignores the case of ASCII letters only."""
    return _regex(pattern, ignore_case=ignore_case).fullmatch(text) is not None


def ilike(pattern: str, text: str) -> bool:
    """`like` for SQL."""
    return like(pattern, text, ignore_case=True)


@functools.lru_cache(maxsize=64)
def _regex(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    body = "".join([{"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in re.sub("%+", "%", pattern)])
    flags = re.DOTALL
    if ignore_case:
        flags |= re.IGNORECASE | (re.ASCII if pattern.isascii() else 0)
    return re.compile(body, flags)
