"""Text as the value that it writes; pure."""

from __future__ import annotations

import re
from typing import Any

_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,18})", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS: dict[str, Any] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "None": None,
}


def typed(text: str) -> Any:  # noqa: ANN401  a JSON value
    """The number, boolean or None that a text writes; a list or mapping in JSON; else the text.

    `007`, `1_000` and versions stay text, and so do `nan` and `inf`, which JSON does not know.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text[:1] in {"[", "{"}:
        return _json(text)
    return text


def is_number(text: str) -> bool:
    """Whether a text writes a number, so that `-0.5` is no option."""
    return bool(_INT.fullmatch(text) or _FLOAT.fullmatch(text)) or text.lower() in {"-inf", "-nan"}


def _json(text: str) -> Any:  # noqa: ANN401
    from gittrack.core.text import load_json

    try:
        return load_json(text)
    except ValueError:
        return text
