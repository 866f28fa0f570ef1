"""What may be logged as a point."""

from __future__ import annotations

import struct
from typing import Any

from gittrack.core.errors import InvalidValue
from gittrack.core.ids import check_key

_FLOAT = struct.Struct("<d")
_INT = struct.Struct("<q")


def check_point(
    key: Any,  # noqa: ANN401  whatever the user passed
    value: Any,  # noqa: ANN401  the same
    step: Any,  # noqa: ANN401  the same
    time_ns: Any,  # noqa: ANN401  the same
) -> tuple[float, int | None, int]:
    """Value, step and time as they can be stored.

    Raises:
        InvalidValue: the key, or one of them, cannot be tracked.
    """
    check_key(key)
    return _real(key, value), None if step is None else _whole("step", step), _whole("time", time_ns)


def _real(key: str, value: Any) -> float:  # noqa: ANN401  whatever the user passed
    try:
        number: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    except (struct.error, TypeError, ValueError, OverflowError) as error:
        msg = f"metric {key!r} is not a real number: {_shown(value)}"
        hint = "log numbers as metrics, text and structure as params, tags or artifacts"
        raise InvalidValue(msg, hint=hint) from error
    return number


def _whole(what: str, value: Any) -> int:  # noqa: ANN401  whatever the user passed
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        number: int = _INT.unpack(_INT.pack(value))[0]
    except (struct.error, TypeError, ValueError, OverflowError) as error:
        msg = f"{what} is not a whole number of 64 bits: {_shown(value)}"
        raise InvalidValue(msg, hint=f"leave the {what} out, or pass an int") from error
    return number


def _shown(value: Any) -> str:  # noqa: ANN401  whatever the user passed
    text = f"{type(value).__name__} {value!r}".replace("\n", " ")
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004  the rest of a line
