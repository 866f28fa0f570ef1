"""Bodies of requests and answers of MLflow's scoring protocol (`POST /invocations`); pure but for pandas.

One of `dataframe_split`, `dataframe_records`, `inputs` and `instances`, with `params` beside it, as JSON; a
table as CSV or Parquet. JSON has fewer types than a signature: whole numbers become doubles, texts become
times and bytes where the signature has these.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import orjson

from gittrack.core.errors import GitTrackError
from gittrack.core.text import load_json
from gittrack.models.signature.columns import DTYPES
from gittrack.models.signature.specs import Column, Tensor
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.models.signature.specs import Schema

FORMS = ("dataframe_split", "dataframe_records", "inputs", "instances")
TYPES = ("application/json", "text/csv", "application/vnd.apache.parquet")
_HOW = f"send a JSON object with exactly one of {', '.join(FORMS)}"
_SPLIT = {"columns", "data", "index"}


class BadRequest(GitTrackError):
    """A request cannot be answered.

    Attributes:
        status: of HTTP.
        code: MLflow's name for the kind of mistake.
    """

    def __init__(self, message: str, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Rows(NamedTuple):
    """A table as JSON had it: rows of several requests make one table.

    Attributes:
        columns: their names, None where they have none.
        rows: a list of values each.
    """

    columns: tuple[str, ...] | None
    rows: list[Any]


class Payload(NamedTuple):
    """What a request asks.

    Attributes:
        data: `Rows`, a DataFrame, an array, a mapping or a list.
        params: of `predict`, None without any.
    """

    data: Any
    params: Mapping[str, Any] | None = None


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
    if kind != "application/json":
        return Payload(_parquet(body))
    try:
        document = load_json(body)
    except ValueError as error:
        _refuse(f"the body is not JSON: {error}")
    if not isinstance(document, dict):
        _refuse(f"the body is no JSON object: {_HOW}")
    found = [name for name in FORMS if name in document]
    if len(found) != 1:
        _refuse(f"{_HOW}; there are: {', '.join(map(str, list(document)[:10])) or 'none'}")
    params = document.get("params")
    if params is not None and not isinstance(params, dict):
        _refuse("params is no JSON object")
    return Payload(_PARSERS[found[0]](document[found[0]], schema), params)


def as_data(data: Any, schema: Schema | None) -> Any:  # noqa: ANN401  see Payload
    """What a model is given: `Rows` as a DataFrame with the types of the signature.

    Raises:
        BadRequest: the rows are no table.
    """
    if not isinstance(data, Rows):
        return data
    import pandas as pd

    try:
        table = pd.DataFrame(data.rows, columns=data.columns)
    except (ValueError, TypeError) as error:
        _refuse(f"the rows are no table: {error}")
    return typed(table, schema)


def typed(table: Any, schema: Schema | None) -> Any:  # noqa: ANN401  a DataFrame
    """A table with the types that JSON could not say.

    Raises:
        BadRequest: a value is no time or no base64.
    """
    columns = [one for one in schema.specs if isinstance(one, Column)] if schema is not None else []
    names = [one.name for one in columns if one.name is not None] or list(table.columns[: len(columns)])
    for name, column in zip(names, columns, strict=False):
        if name in table.columns and isinstance(column.type, Scalar):
            wanted = DTYPES[column.type.name]
            if str(table[name].dtype) != wanted:
                table[name] = _converted(table[name], column.type.name, wanted)
    return table


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


def _kind(content_type: str) -> str:
    kind, *parameters = [part.strip() for part in content_type.split(";")]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.lower() != "charset":
            _refuse(f"the content type has an unknown parameter: {name[:40]}", 415)
        if value.strip('"').lower() != "utf-8":
            _refuse("only UTF-8 is understood", 415)
    if kind.lower() not in TYPES:
        _refuse(
            f"the content type is {kind[:60] or 'missing'}, and one of {', '.join(TYPES)} is understood", 415
        )
    return kind.lower()


def _csv(body: bytes, schema: Schema | None) -> Any:  # noqa: ANN401  a DataFrame
    import pandas as pd

    try:
        return typed(pd.read_csv(io.BytesIO(body)), schema)
    except (ValueError, pd.errors.ParserError) as error:
        if isinstance(error, BadRequest):
            raise
        _refuse(f"the body is not CSV: {error}")


def _parquet(body: bytes) -> Any:  # noqa: ANN401  a DataFrame
    import pandas as pd

    try:
        return pd.read_parquet(io.BytesIO(body))
    except ImportError:
        _refuse("this server does not read Parquet", 415)
    except Exception as error:  # noqa: BLE001  Arrow raises what it likes
        _refuse(f"the body is not Parquet: {error}")


def _split(value: Any, _schema: Schema | None) -> Rows:  # noqa: ANN401  a JSON value
    if not isinstance(value, dict) or "data" not in value or value.keys() - _SPLIT:
        _refuse("dataframe_split is an object with `data`, and `columns` and `index` where they are known")
    rows, columns = value["data"], value.get("columns")
    if not isinstance(rows, list) or not (columns is None or isinstance(columns, list)):
        _refuse("dataframe_split: data and columns are lists")
    return Rows(None if columns is None else tuple(columns), rows)


def _records(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        _refuse("dataframe_records is a list of objects")
    names = list(value[0]) if value else []
    if all([*one] == names for one in value):
        return Rows(tuple(names), [[*one.values()] for one in value])
    import pandas as pd

    return typed(pd.DataFrame(value), schema)


def _inputs(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    tensors = _tensors(schema)
    if tensors is None:
        if (
            isinstance(value, list)
            and value
            and schema is not None
            and all(isinstance(one, dict) for one in value)
        ):
            return _records(value, schema)
        return _columns(value, schema) if isinstance(value, dict) else value
    if isinstance(value, dict):
        return {name: _array(one, tensors.get(name)) for name, one in value.items()}
    return _array(value, next(iter(tensors.values())))


def _instances(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    if not isinstance(value, list):
        _refuse("instances is a list")
    if not value or not isinstance(value[0], dict):
        return _inputs(value, schema)
    tensors = _tensors(schema)
    if tensors is None:
        return _records(value, schema)
    if not all(isinstance(one, dict) and one.keys() == value[0].keys() for one in value):
        _refuse("the instances do not have the same names")
    return {name: _array([one[name] for one in value], tensors.get(name)) for name in value[0]}


def _columns(value: dict[str, Any], schema: Schema | None) -> Any:  # noqa: ANN401
    """A mapping as columns, where it is one."""
    lists = [len(one) for one in value.values() if isinstance(one, list)]
    if not value or len(lists) != len(value) or len(set(lists)) > 1:
        return value
    if schema is not None and not all(
        isinstance(one.type, Scalar) for one in schema.specs if isinstance(one, Column)
    ):
        return value
    return Rows(tuple(value), [list(row) for row in zip(*value.values(), strict=True)])


def _tensors(schema: Schema | None) -> dict[str | None, Tensor] | None:
    if schema is None or not schema.tensors:
        return None
    return {one.name: one for one in schema.specs if isinstance(one, Tensor)}


def _array(value: Any, tensor: Tensor | None) -> Any:  # noqa: ANN401
    import numpy as np

    try:
        return np.array(value, dtype=None if tensor is None or tensor.dtype == "object" else tensor.dtype)
    except (ValueError, TypeError) as error:
        _refuse(f"not an array of {tensor.dtype if tensor else 'numbers'}: {error}")


def _converted(series: Any, kind: str, wanted: str) -> Any:  # noqa: ANN401  a pandas Series
    import pandas as pd

    try:
        if kind == "datetime":
            return pd.to_datetime(series)
        if kind == "binary":
            return series.map(
                lambda text: base64.b64decode(text, validate=True) if isinstance(text, str) else text
            )
    except (ValueError, TypeError) as error:
        _refuse(f"column {str(series.name)[:80]!r} holds no {kind} values: {error}")
    if kind in {"float", "double"} and series.dtype.kind in "iu":
        return series.astype(wanted)
    if kind in {"float", "integer", "long"} and series.dtype.kind in "if":
        smaller = series.astype(wanted) if not series.hasnans or kind == "float" else series
        return smaller if kind == "float" or (smaller == series).all() else series
    return series


_PARSERS = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "inputs": _inputs,
    "instances": _instances,
}


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


def merged(parts: Sequence[Rows]) -> Rows:
    """The rows of several requests, one below the other."""
    return Rows(parts[0].columns, [row for part in parts for row in part.rows])


def _refuse(message: str, status: int = 400) -> NoReturn:
    raise BadRequest(message, status, "BAD_REQUEST" if status == 400 else "INVALID_PARAMETER_VALUE")  # noqa: PLR2004  HTTP's
