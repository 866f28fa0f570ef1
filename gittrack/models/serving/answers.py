"""Answers of MLflow's scoring protocol: JSON, or what a client of SageMaker wants instead."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from gittrack.core.errors import InvalidValue
from gittrack.models.scoring.tables import as_table, write_part
from gittrack.models.serving.values import JSON, BadRequest, Reply

LINES = "application/jsonlines"
CSV = "text/csv"


def wanted(accept: str | None) -> str:
    """The content type of an answer: the first of those known that a header `Accept` has, else JSON."""
    if accept is None:
        return JSON
    for part in accept.split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in {JSON, CSV, LINES}:
            return kind
    return JSON


def answer(predictions: Any, kind: str = JSON) -> Reply:  # noqa: ANN401  of any model
    """The answer to a request.

    Args:
        predictions: of the model.
        kind: `application/json` for `{"predictions": …}`, rows of a table as records, NaN as null; `text/csv`
            with a header or `application/jsonlines` for one row each.

    Raises:
        BadRequest: the model gave what that cannot say.
    """
    try:
        if kind != JSON:
            form = "csv" if kind == CSV else "jsonl"
            return Reply(write_part(as_table(predictions), form, first=True), kind)
        return Reply(_json(predictions))
    except (TypeError, InvalidValue) as error:
        msg = f"the predictions cannot be said in {kind}: {error}"
        raise BadRequest(msg, 500, "INTERNAL_ERROR") from error


def _json(predictions: Any) -> bytes:  # noqa: ANN401
    if hasattr(predictions, "to_dict") and hasattr(predictions, "columns"):
        predictions = predictions.to_dict(orient="records")
    elif hasattr(predictions, "tolist"):
        predictions = predictions.tolist()
    return orjson.dumps(
        {"predictions": predictions},
        default=_plain,
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS,
    )


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
