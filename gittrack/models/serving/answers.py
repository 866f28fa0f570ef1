"""Answers of MLflow's scoring protocol."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from gittrack.models.serving.values import BadRequest


def answer(predictions: Any) -> bytes:  # noqa: ANN401  of any model
    """`{"predictions": …}`: rows of a table as records; NaN as null.

    Raises:
        BadRequest: the model gave what JSON cannot say.
    """
    if hasattr(predictions, "to_dict") and hasattr(predictions, "columns"):
        predictions = predictions.to_dict(orient="records")
    elif hasattr(predictions, "tolist"):
        predictions = predictions.tolist()
    try:
        return orjson.dumps(
            {"predictions": predictions},
            default=_plain,
            option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS,
        )
    except TypeError as error:
        msg = f"the predictions cannot be said in JSON: {error}"
        raise BadRequest(msg, 500, "INTERNAL_ERROR") from error


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "tolist"):
        return value.tolist()
    msg = f"a value of {type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(msg)
