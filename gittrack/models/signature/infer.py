"""What data is made of: tables, arrays, lists and mappings as a schema, by MLflow's rules.

A table or a list gives columns, an array or a mapping of arrays gives tensors whose first dimension may
have any length. Whole numbers in a table cannot be missing (pandas makes floats of a column with a gap);
:func:`gaps` says which columns may suffer from that.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.models.signature.specs import Column, Param, Schema, Signature, Spec, Tensor, schema_of
from gittrack.models.signature.types import (
    Anything,
    Array,
    CannotMerge,
    Object,
    Property,
    Scalar,
    Type,
    merged,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN: dict[type[Any], str] = {
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    bytes: "binary",
    bytearray: "binary",
    dt.datetime: "datetime",
    dt.date: "datetime",
}
_KINDS = {"b": "boolean", "U": "string", "T": "string", "S": "binary", "M": "datetime"}
_HALF = 4  # bytes of `integer` and `float`
_WHOLE = 8


def infer_signature(
    inputs: object = None, outputs: object = None, params: Mapping[str, Any] | None = None
) -> Signature:
    """The signature of a model that was given and gave this.

    Args:
        inputs: what `predict` takes: a pandas DataFrame or Series, a NumPy array, a mapping of arrays, a
            list, a mapping or a scalar, a sparse matrix of SciPy. None where not known.
        outputs: what it gave for them.
        params: of `predict`, with the values that hold where a caller gives none.

    Raises:
        InvalidValue: the data is of no such form, or its values have no type in common.
    """
    return Signature(
        None if inputs is None else infer_schema(inputs),
        None if outputs is None else infer_schema(outputs),
        infer_params(params or {}),
    )


def infer_schema(data: Any) -> Schema:  # noqa: ANN401  see Args
    """What data is made of; see :func:`infer_signature`.

    Raises:
        InvalidValue: it is of no such form, or its values have no type in common.
    """
    kind = type(data)
    name = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
    if name == "pandas.DataFrame":
        return schema_of([_series(data[column], _name(column)) for column in data.columns])
    if name == "pandas.Series":
        return schema_of([_series(data, None if data.name is None else _name(data.name))])
    if hasattr(data, "dtype") and hasattr(data, "shape") and len(data.shape):
        return schema_of([_tensor(data, None)])
    if isinstance(data, dict):
        return schema_of(_members(data))
    if isinstance(data, list):
        return schema_of(_items(data))
    return schema_of([Column(_type(data))])


def infer_params(params: Mapping[str, Any]) -> tuple[Param, ...]:
    """The params of `predict`, of their defaults: scalars, lists of them, mappings.

    Raises:
        InvalidValue: a default is none of these.
    """
    return tuple(_param(name, value) for name, value in params.items())


def gaps(schema: Schema) -> list[str]:
    """The columns of whole numbers: a missing value makes floats of them, which are refused then."""
    whole = (Scalar("integer"), Scalar("long"))
    columns = [one for one in schema.specs if isinstance(one, Column) and one.type in whole]
    return [str(number if one.name is None else one.name) for number, one in enumerate(columns)]


def missing(value: Any) -> bool:  # noqa: ANN401  any value
    """Whether a value is None, NaN, NA or NaT."""
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in {"NAType", "NaTType"}


def _name(name: object) -> str | int:
    return int(name) if isinstance(name, int) else str(name)


def _series(series: Any, name: str | int | None) -> Column:  # noqa: ANN401  a pandas Series
    kind = _column_type(series)
    # what has no name cannot be optional
    return Column(kind, name, required=name is None or not any(map(missing, series)))


def _column_type(series: Any) -> Type:  # noqa: ANN401
    if series.dtype.kind == "O":
        series = series.infer_objects()
    if series.dtype.kind != "O":
        return Scalar(_scalar_of(series.dtype))
    return _common(series.tolist())


def _scalar_of(dtype: Any) -> str:  # noqa: ANN401  of NumPy or an extension of pandas
    kind, size = dtype.kind, getattr(dtype, "itemsize", 0)
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in "iu":
        signed = size if kind == "i" else size + 1  # 32 unsigned bits need 33
        if signed <= _WHOLE:
            return "integer" if signed <= _HALF else "long"
    if kind == "f" and size <= _WHOLE:
        return "float" if size <= _HALF else "double"
    msg = f"no type for values of {dtype}"
    raise InvalidValue(msg, hint="convert them first, for example to float64 or int64")


def _tensor(array: Any, name: str | None) -> Tensor:  # noqa: ANN401  an array, a sparse matrix
    dtype = {"U": "str", "S": "bytes"}.get(array.dtype.kind, array.dtype.name)
    return Tensor(dtype, (-1, *map(int, array.shape[1:])), name)


def _members(data: Mapping[Any, Any]) -> list[Spec]:
    if not all(isinstance(name, str) for name in data):
        msg = "the names of inputs are not all texts"
        raise InvalidValue(msg, hint="name each input by a text")
    if data and all(_is_array(value) for value in data.values()):
        return [_tensor(value, name) for name, value in data.items()]
    columns: list[Spec] = []
    for name, value in data.items():
        required = not any(map(missing, value)) if isinstance(value, list) else not missing(value)
        columns.append(Column(_type(value), name, required=required))
    return columns


def _items(data: list[Any]) -> list[Spec]:
    if not data:
        return [Column(Scalar("string"))]
    if not all(isinstance(one, dict) for one in data):
        return [Column(_common(data))]
    names = list(dict.fromkeys(name for one in data for name in one))
    return [
        Column(
            _common([one[name] for one in data if name in one]),
            str(name),
            required=all(one.get(name) is not None for one in data),
        )
        for name in names
    ]


def _common(values: Iterable[Any]) -> Type:
    """The type that all values have."""
    found: Type | None = None
    for value in values:
        kind = _type(value)
        if found is None or kind == found:
            found = kind
        elif isinstance(found, Scalar) and isinstance(kind, Anything):
            continue
        else:
            found = merged(found, kind)
    if found is None:
        msg = "there is no value to see a type of"
        raise InvalidValue(msg, hint="give at least one row")
    return found


def _type(value: Any) -> Type:  # noqa: ANN401  any value
    if missing(value) or (isinstance(value, (list, dict)) and not value):
        return Anything()
    if isinstance(value, dict):
        return object_of({name: _property(name, one) for name, one in value.items()})
    if isinstance(value, (list, tuple)) or _is_array(value):
        return Array(_common(value))
    kind = type(value)
    if kind in _PLAIN:
        return Scalar(_PLAIN[kind])
    if hasattr(value, "dtype"):
        return Scalar(_scalar_of(value.dtype))
    for base, name in _PLAIN.items():  # pandas.Timestamp is a datetime
        if isinstance(value, base):
            return Scalar(name)
    msg = f"no type for a value of {kind.__module__}.{kind.__qualname__}"
    raise InvalidValue(msg, hint="give numbers, texts, bytes, times, lists or mappings of them")


def _property(name: object, value: object) -> Property:
    if not isinstance(name, str):
        msg = f"the name of a member is not a text: {name!r}"
        raise InvalidValue(msg, hint="name each member by a text")
    kind = _type(value)
    return Property(name, kind, required=not isinstance(kind, Anything))


def _is_array(value: Any) -> bool:  # noqa: ANN401
    return hasattr(value, "dtype") and len(getattr(value, "shape", ())) > 0


def _param(name: str, value: Any) -> Param:  # noqa: ANN401
    listed = value.tolist() if hasattr(value, "tolist") else value
    many = isinstance(listed, (list, tuple))
    try:
        kind = _number_type(listed) if many else _type(value)
    except CannotMerge as error:
        msg = f"param {name!r}: {error.message}"
        raise InvalidValue(msg, hint=error.hint) from error
    if isinstance(kind, Object):
        return Param(name, kind, value)
    if not isinstance(kind, Scalar):
        msg = f"param {name!r} is neither a value nor a flat list of values"
        raise InvalidValue(msg, hint="give a number, a text, a boolean, a time, or a list of one of these")
    return Param(name, kind.name, list(listed) if many else listed, (-1,) if many else None)


def _number_type(values: Iterable[Any]) -> Type:
    """The type of a list, in which whole numbers and others are one."""
    kinds = {_type(value) for value in values}
    if kinds == {Scalar("long"), Scalar("double")}:
        return Scalar("double")
    return _common(values)
