"""The example of an input that a model carries, as MLflow keeps it: as data, and as a request to a server."""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple

from gittrack.core.errors import InvalidValue

EXAMPLE = "input_example.json"
REQUEST = "serving_input_example.json"


class Example(NamedTuple):
    """An example, ready to be written.

    Attributes:
        info: `saved_input_example_info` of `MLmodel`.
        data: content of `input_example.json`.
        request: content of `serving_input_example.json`.
    """

    info: dict[str, str]
    data: bytes
    request: bytes


def example_of(data: Any) -> Example:  # noqa: ANN401  see Args
    """An example as files.

    Args:
        data: a DataFrame, an array, a mapping of arrays, or what JSON can say.

    Raises:
        InvalidValue: it is none of these.
    """
    kind = type(data)
    info = {"artifact_path": EXAMPLE, "serving_input_path": REQUEST}
    if f"{kind.__module__.partition('.')[0]}.{kind.__name__}" == "pandas.DataFrame":
        split = _split(data)
        info |= {"type": "dataframe", "pandas_orient": "split" if "columns" in split else "values"}
        return Example(info, _json(split), _json({"dataframe_split": split}))
    arrays = isinstance(data, dict) and bool(data) and all(hasattr(one, "dtype") for one in data.values())
    info["type"] = "ndarray" if arrays or hasattr(data, "dtype") else "json_object"
    return Example(info, _json(data), _json({"inputs": data}))


def _split(table: Any) -> dict[str, Any]:  # noqa: ANN401  a DataFrame
    found: dict[str, Any] = table.astype(object).where(table.notna(), None).to_dict(orient="split")
    del found["index"]
    if list(table.columns) == list(range(len(table.columns))):
        del found["columns"]
    return found


def _json(value: Any) -> bytes:  # noqa: ANN401
    try:
        return json.dumps(value, default=_plain, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        msg = f"the input example cannot be kept: {error}"
        raise InvalidValue(
            msg, hint="give a DataFrame, an array, a mapping of arrays, or plain values"
        ) from error


def _plain(value: Any) -> Any:  # noqa: ANN401
    """What JSON has no word for."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return _without_nan(value.tolist())
    msg = f"a value of {type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(msg)


def _without_nan(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  NaN test
