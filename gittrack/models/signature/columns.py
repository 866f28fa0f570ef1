"""One column of a table held against its type."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.nested import enforce_value
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from gittrack.models.signature.specs import Column

DTYPES = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "str",
    "binary": "bytes",
    "datetime": "datetime64[ns]",
}
"""Scalar type to NumPy's name for it."""
_EXACT = 6  # bytes of a whole number that a double holds without loss: less than 53 bits
_GAP = (
    "missing values make floats of whole numbers: infer the signature from data with gaps, or declare doubles"
)


def enforce_column(name: str, series: Any, column: Column) -> Any:  # noqa: ANN401  a pandas Series
    """The column as the model takes it.

    Raises:
        DoesNotFit: its values are of another type.
    """
    import pandas as pd

    if isinstance(column.type, Scalar):
        return enforce_scalars(name, series, column.type.name)
    found = [enforce_value(name, value, column.type, required=column.required) for value in series]
    return pd.Series(found, index=series.index, name=series.name)


def enforce_scalars(name: str, series: Any, kind: str) -> Any:  # noqa: ANN401
    """The same for a type of one value; safe conversions are made."""
    import numpy as np
    import pandas as pd

    if series.dtype == object and kind not in {"binary", "string"}:
        series = series.infer_objects()
    wanted = np.dtype(DTYPES[kind])
    text = isinstance(series.dtype, pd.StringDtype)
    if kind in {"string", "binary"} and (series.dtype == object or text or series.dtype.kind == wanted.kind):
        return series
    if series.dtype == wanted or (kind == "boolean" and series.dtype == object):
        return series
    if kind == "datetime" and series.dtype.kind in "MO":
        return _times(name, series)
    if kind == "double" and series.dtype == object:
        return _numbers(name, series)
    if _is_safe(series.dtype, wanted) or _is_bits(series, wanted):
        with contextlib.suppress(ValueError, TypeError):  # an extension type with gaps
            return series.astype(wanted)
    msg = f"column {name!r} is {series.dtype}, and the model takes {kind} ({wanted})"
    raise DoesNotFit(msg, hint=_GAP if _is_gap(series, wanted) else "convert it where that loses nothing")


def _numbers(name: str, series: Any) -> Any:  # noqa: ANN401
    """Of objects that may be numbers: Decimals, booleans with gaps."""
    import pandas as pd

    try:
        return pd.to_numeric(series).astype("float64")
    except (ValueError, TypeError) as error:
        msg = f"column {name!r} holds values that are no numbers: {error}"
        raise DoesNotFit(msg, hint="convert them with pandas.to_numeric") from error


def _times(name: str, series: Any) -> Any:  # noqa: ANN401
    try:
        return series.astype("datetime64[ns]")
    except (ValueError, TypeError) as error:
        msg = f"column {name!r} holds values that are no times without a zone: {error}"
        raise DoesNotFit(msg, hint="convert them with pandas.to_datetime, and remove time zones") from error


def _is_safe(given: Any, wanted: Any) -> bool:  # noqa: ANN401  dtypes
    size = getattr(given, "itemsize", 0)
    if given.kind == wanted.kind:
        return bool(size <= wanted.itemsize)
    if given.kind == "u" and wanted.kind == "i":
        return bool(size < wanted.itemsize)
    return given.kind in "iu" and wanted == "float64" and size <= _EXACT


def _is_bits(series: Any, wanted: Any) -> bool:  # noqa: ANN401
    """Whether they are whole numbers of 64 bits, and each is 0 or 1: that is what flags become."""
    return series.dtype == "int64" and wanted.kind == "f" and bool(series.isin([0, 1]).all())


def _is_gap(series: Any, wanted: Any) -> bool:  # noqa: ANN401
    if series.dtype != "float64" or wanted.kind not in "iu" or not series.hasnans:
        return False
    there = series.dropna()
    return bool((there == there.round()).all())
