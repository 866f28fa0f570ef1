"""Bodies of requests of MLflow's scoring protocol (`POST /invocations`).

One of `dataframe_split`, `dataframe_records`, `inputs` and `instances`, with `params` beside it, as JSON; a
table as CSV or Parquet. Besides: `parameters` for `params`, as Vertex AI has it, and SageMaker's JSON lines.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from gittrack.core.text import load_json
from gittrack.models.serving.forms import PARSERS
from gittrack.models.serving.typed import typed
from gittrack.models.serving.values import BadRequest, Payload, refuse
from gittrack.models.signature.specs import Column
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from gittrack.models.signature.specs import Schema

FORMS = tuple(PARSERS)
TYPES = ("application/json", "text/csv", "application/vnd.apache.parquet", "application/jsonlines")
_READ_AS = {
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "object",
    "boolean": "bool",
}
_HOW = f"send a JSON object with exactly one of {', '.join(FORMS)}"


def parse(body: bytes, content_type: str, schema: Schema | None) -> Payload:
    """The payload of a request.

    Args:
        body: of it.
        content_type: the header, with its parameters.
        schema: the inputs of the model's signature.

    Raises:
        BadRequest: it is none.
    """
    kind = _kind(content_type)
    if kind == "text/csv":
        return Payload(_csv(body, schema))
    if kind == "application/jsonlines":
        return Payload(_lines(body, schema))
    if kind != "application/json":
        return Payload(_parquet(body))
    try:
        document = load_json(body)
    except ValueError as error:
        refuse(f"the body is not JSON: {error}")
    if not isinstance(document, dict):
        refuse(f"the body is no JSON object: {_HOW}")
    found = [name for name in FORMS if name in document]
    if len(found) != 1:
        refuse(f"{_HOW}; there are: {', '.join(map(str, list(document)[:10])) or 'none'}")
    params = document.get("params", document.get("parameters"))
    if params is not None and not isinstance(params, dict):
        refuse("params is no JSON object")
    return Payload(PARSERS[found[0]](document[found[0]], schema), params)


def _kind(content_type: str) -> str:
    kind, *parameters = [part.strip() for part in content_type.split(";")]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.lower() != "charset":
            refuse(f"the content type has an unknown parameter: {name[:40]}", 415)
        if value.strip('"').lower() != "utf-8":
            refuse("only UTF-8 is understood", 415)
    if kind.lower() not in TYPES:
        refuse(
            f"the content type is {kind[:60] or 'missing'}, and one of {', '.join(TYPES)} is understood", 415
        )
    return kind.lower()


def _lines(body: bytes, schema: Schema | None) -> Any:  # noqa: ANN401  see Payload
    """One JSON object a line."""
    try:
        rows = [load_json(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        refuse(f"a line of the body is not JSON: {error}")
    return PARSERS["dataframe_records"](rows, schema)


def _csv(body: bytes, schema: Schema | None) -> Any:  # noqa: ANN401  a DataFrame
    import pandas as pd

    try:
        return typed(pd.read_csv(io.BytesIO(body), dtype=_dtypes(schema)), schema)
    except (ValueError, TypeError, OverflowError, pd.errors.ParserError) as error:
        if isinstance(error, BadRequest):
            raise
        refuse(f"the body is not CSV, or not what the model takes: {error}")


def _dtypes(schema: Schema | None) -> dict[str, str]:
    """Types for reading CSV, in which texts and numbers look alike."""
    columns = [one for one in schema.specs if isinstance(one, Column)] if schema is not None else []
    scalars = {str(one.name): one.type.name for one in columns if isinstance(one.type, Scalar)}
    return {name: _READ_AS[kind] for name, kind in scalars.items() if kind in _READ_AS}


def _parquet(body: bytes) -> Any:  # noqa: ANN401  a DataFrame
    import pandas as pd

    try:
        return pd.read_parquet(io.BytesIO(body))
    except ImportError:
        refuse("this server does not read Parquet", 415)
    except Exception as error:  # noqa: BLE001  Arrow raises what it likes
        refuse(f"the body is not Parquet: {error}")
