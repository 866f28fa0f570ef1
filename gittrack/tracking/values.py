"""What may be logged: keys and values, checked before they go anywhere; pure.

A mistake raises :class:`~gittrack.core.errors.InvalidValue` at once, with a hint: the person who
wrote the line is still there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import math
import os
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_LIMIT = 250
"""Characters of a key, as in MLflow."""
VALUE_LIMIT = 64_000
"""Bytes of a param or tag as JSON."""
NOTE_LIMIT = 1_000_000
"""Characters of a note."""
_DEPTH = 20
_INT64 = 2**63


def check_key(key: object, what: str) -> str:
    """`key` itself, when it can name a param, metric or tag.

    Args:
        key: what the caller gave.
        what: `param`, `metric` or `tag`, for the message.

    Raises:
        InvalidValue: it is no text, empty, too long, or has control characters.
    """
    if not isinstance(key, str):
        msg = f"the key of a {what} is text, not {type(key).__name__}"
        raise InvalidValue(msg, hint=f"use str(…) on {str(key)[:40]!r}")
    if not key.strip():
        msg = f"the key of a {what} is empty"
        raise InvalidValue(msg, hint="give it a name")
    if len(key) > KEY_LIMIT:
        msg = f"the key of a {what} has {len(key)} characters, more than {KEY_LIMIT}: {key[:40]!r}…"
        raise InvalidValue(msg, hint="shorten it, or put what it says into the value")
    if not key.isprintable():
        msg = f"the key of a {what} has control characters: {key[:80]!r}"
        raise InvalidValue(msg, hint="use printable characters only")
    return key


def check_param(key: str, value: object) -> Any:  # noqa: ANN401  a JSON value
    """The JSON value of a param.

    Numbers, text, bool, None, lists, tuples and mappings of them, paths, dates, enums, and NumPy or
    tensor scalars are taken. Integers beyond 64 bits become text; NaN and infinities too.

    Raises:
        InvalidValue: it is something else, nested too deep, or too large.
    """
    plain = _plain(key, value, 0)
    size = len(plain) if isinstance(plain, str) else len(dump_json(plain))
    if size > VALUE_LIMIT:
        msg = f"param {key!r} is {size:,} bytes, more than {VALUE_LIMIT:,}"
        raise InvalidValue(msg, hint="log_text or log_dict keep large values as artifacts")
    return plain


def check_tag(key: str, value: object) -> str:
    """The text of a tag.

    Raises:
        InvalidValue: it is too large or no simple value.
    """
    plain = _plain(key, value, 0)
    text = plain if isinstance(plain, str) else dump_json(plain).decode()
    if len(text) > VALUE_LIMIT:
        msg = f"tag {key!r} has {len(text):,} characters, more than {VALUE_LIMIT:,}"
        raise InvalidValue(msg, hint="a note or an artifact takes long text")
    return text


def check_note(text: object) -> str:
    """The text of a note.

    Raises:
        InvalidValue: it is no text, or too long.
    """
    if not isinstance(text, str):
        msg = f"a note is text, not {type(text).__name__}"
        raise InvalidValue(msg, hint="use str(…)")
    if len(text) > NOTE_LIMIT:
        msg = f"the note has {len(text):,} characters, more than {NOTE_LIMIT:,}"
        raise InvalidValue(msg, hint="log_text keeps long text as an artifact")
    return text


def check_name(text: object, what: str = "name") -> str:
    """The name of a run or an experiment.

    Raises:
        InvalidValue: it is no text, empty, too long, or has control characters.
    """
    return check_key(text, what)


def check_params(params: Mapping[str, object]) -> dict[str, Any]:
    """All params of a mapping.

    Raises:
        InvalidValue: one of them cannot be taken; none was.
    """
    return {check_key(key, "param"): check_param(key, value) for key, value in _items(params, "params")}


def check_tags(tags: Mapping[str, object]) -> dict[str, str]:
    """All tags of a mapping.

    Raises:
        InvalidValue: one of them cannot be taken; none was.
    """
    return {check_key(key, "tag"): check_tag(key, value) for key, value in _items(tags, "tags")}


def nanoseconds(timestamp: float | dt.datetime | None) -> int | None:
    """A time as journals keep it: nanoseconds since the epoch.

    Args:
        timestamp: milliseconds since the epoch (as in MLflow) or a datetime; without a zone it is
            local time.

    Raises:
        InvalidValue: it is neither.
    """
    if timestamp is None:
        return None
    if isinstance(timestamp, dt.datetime):
        return round(timestamp.timestamp() * 1_000_000) * 1000
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return int(timestamp * 1_000_000)
    msg = f"not a time: {timestamp!r}"
    raise InvalidValue(msg, hint="give milliseconds since the epoch or a datetime")


def _items(mapping: Mapping[str, object], what: str) -> Any:  # noqa: ANN401  an items view
    try:
        return mapping.items()
    except AttributeError:
        msg = f"{what} are a mapping, not {type(mapping).__name__}"
        raise InvalidValue(msg, hint="vars(args) makes one from argparse") from None


def _plain(key: str, value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911  one case a kind
    if depth > _DEPTH:
        msg = f"{key!r} is nested deeper than {_DEPTH} levels"
        raise InvalidValue(msg, hint="log_dict keeps deep structures as an artifact")
    if value is None or isinstance(value, (bool, str)):
        return value.encode(errors="replace").decode() if isinstance(value, str) else value
    if isinstance(value, enum.Enum):
        return _plain(key, value.value, depth + 1)
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else str(int(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, dict):
        return {str(name): _plain(key, item, depth + 1) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(key, item, depth + 1) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value) if isinstance(os.fspath(value), str) else os.fsdecode(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return _plain(key, _scalar(key, value), depth + 1)


def _scalar(key: str, value: object) -> object:
    """The Python number in a NumPy or tensor scalar; small arrays as lists."""
    for method in ("item", "tolist"):
        convert = getattr(value, method, None)
        if callable(convert):
            try:
                return convert()
            except (TypeError, ValueError, RuntimeError):
                continue
    msg = f"{key!r} is a {type(value).__module__}.{type(value).__qualname__}, which is no simple value"
    raise InvalidValue(msg, hint="use str(…) on it, or log_dict or log_artifact for structures")
