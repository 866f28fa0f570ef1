"""Tables with the types of a signature, of which JSON and CSV have fewer."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from gittrack.models.serving.values import Rows, refuse
from gittrack.models.signature.columns import DTYPES
from gittrack.models.signature.specs import Column
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from gittrack.models.signature.specs import Schema


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
        refuse(f"the rows are no table: {error}")
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


def _converted(series: Any, kind: str, wanted: str) -> Any:  # noqa: ANN401  a pandas Series
    if not len(series) and kind not in {"binary", "string"}:
        return series.astype(wanted)
    if kind in {"datetime", "binary"}:
        return _parsed(series, kind)
    if kind == "string":
        number = series.dtype.kind in "iufb" and not series.hasnans
        return series.map(str).astype(object) if number else series
    return _sized(series, kind, wanted)


def _parsed(series: Any, kind: str) -> Any:  # noqa: ANN401
    import pandas as pd

    try:
        if kind == "datetime":
            return pd.to_datetime(series)
        return series.map(
            lambda text: base64.b64decode(text, validate=True) if isinstance(text, str) else text
        )
    except (ValueError, TypeError, OverflowError) as error:
        refuse(f"column {str(series.name)[:80]!r} holds no {kind} values: {error}")


def _sized(series: Any, kind: str, wanted: str) -> Any:  # noqa: ANN401
    """Numbers of another size or kind, where that loses nothing."""
    if kind in {"float", "double"} and series.dtype.kind in "iu":
        return series.astype(wanted)
    if kind in {"float", "integer", "long"} and series.dtype.kind in "if":
        smaller = series.astype(wanted) if not series.hasnans or kind == "float" else series
        return smaller if kind == "float" or (smaller == series).all() else series
    return series
