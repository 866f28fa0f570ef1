"""Single values of tables and arrays as JSON that depends on what they are and on nothing else."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import os
import uuid
from typing import Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import dump_json

_DEEPEST = 50
INT64 = 2**63


def json_list(what: str, values: list[Any]) -> bytes:
    """Values as one JSON list, each as :func:`json_value` has it.

    Raises:
        InvalidValue: the content of one cannot be told.
    """
    if not all(value is None or type(value) is str for value in values):  # mostly texts: cheap
        values = [json_value(value, what, 0) for value in values]
    return dump_json(values)


def json_value(value: Any, what: str, depth: int) -> Any:  # noqa: ANN401, C901, PLR0911  one case a kind
    """A value as JSON that says what it is, in one way only.

    Args:
        value: of a table or an array.
        what: where it is, for the message.
        depth: how deep in others.

    Raises:
        InvalidValue: its content cannot be told.
    """
    if depth > _DEEPEST:
        msg = f"{what} is nested deeper than {_DEEPEST} levels"
        raise InvalidValue(msg, hint="save it to a file and log that")
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a scalar of NumPy
        value = value.item()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -INT64 <= value < INT64 else {"int": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else {"float": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, (dt.date, dt.time)):
        return {"time": value.isoformat()}
    if isinstance(value, (decimal.Decimal, uuid.UUID, os.PathLike, dt.timedelta, complex)):
        return {"text": str(value)}
    if isinstance(value, dict):
        pairs = sorted((str(key), item) for key, item in value.items())
        return {"map": [[key, json_value(item, what, depth + 1)] for key, item in pairs]}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [json_value(item, what, depth + 1) for item in value]
    if type(value).__module__.partition(".")[0] == "pandas":  # Period, Interval, NA in a list
        return {"text": str(value)}
    msg = f"{what} holds {type(value).__name__}, whose content cannot be told"
    raise InvalidValue(msg, hint="save it to a file and log that")
