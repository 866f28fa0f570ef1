"""The four forms of data in the JSON of MLflow's scoring protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.serving.typed import typed
from gittrack.models.serving.values import Rows, refuse
from gittrack.models.signature.specs import Column, Tensor
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from gittrack.models.signature.specs import Schema

_SPLIT = {"columns", "data", "index"}


def _split(value: Any, _schema: Schema | None) -> Rows:  # noqa: ANN401  a JSON value
    if not isinstance(value, dict) or "data" not in value or value.keys() - _SPLIT:
        refuse("dataframe_split is an object with `data`, and `columns` and `index` where they are known")
    rows, columns = value["data"], value.get("columns")
    if not isinstance(rows, list) or not (columns is None or isinstance(columns, list)):
        refuse("dataframe_split: data and columns are lists")
    return Rows(None if columns is None else tuple(columns), rows)


def _records(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        refuse("dataframe_records is a list of objects")
    names = list(value[0]) if value else []
    if all([*one] == names for one in value):
        return Rows(tuple(names), [[*one.values()] for one in value])
    import pandas as pd

    return typed(pd.DataFrame(value), schema)


def _inputs(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    if schema is None:
        return _untyped(value)
    tensors = _tensors(schema)
    if tensors is None:
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            return _records(value, schema)
        if isinstance(value, list) and len(schema.specs) == 1 and schema.named:
            return Rows((str(schema.specs[0].name),), [[one] for one in value])
        return _columns(value, schema) if isinstance(value, dict) else value
    if isinstance(value, dict):
        return {name: _array(one, tensors.get(name)) for name, one in value.items()}
    return _array(value, next(iter(tensors.values())))


def _instances(value: Any, schema: Schema | None) -> Any:  # noqa: ANN401
    if not isinstance(value, list):
        refuse("instances is a list")
    if not value or not isinstance(value[0], dict):
        return _inputs(value, schema)
    tensors = _tensors(schema)
    if tensors is None and schema is not None:
        return _records(value, schema)
    if not all(isinstance(one, dict) and one.keys() == value[0].keys() for one in value):
        refuse("the instances do not have the same names")
    if tensors is None:
        return _untyped({name: [one[name] for one in value] for name in value[0]})
    return {name: _array([one[name] for one in value], tensors.get(name)) for name in value[0]}


def _untyped(value: Any) -> Any:  # noqa: ANN401
    """What a model without a signature is given: arrays, and mappings of them."""
    if isinstance(value, dict):
        return {name: _array(one, None) for name, one in value.items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return value
    return _array(value, None)


def _columns(value: dict[str, Any], schema: Schema) -> Any:  # noqa: ANN401
    """A mapping as columns, where it is one."""
    lists = [len(one) for one in value.values() if isinstance(one, list)]
    if not value or len(lists) != len(value) or len(set(lists)) > 1:
        return value
    if not all(isinstance(one.type, Scalar) for one in schema.specs if isinstance(one, Column)):
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
    except (ValueError, TypeError, OverflowError) as error:
        refuse(f"not an array of {tensor.dtype if tensor else 'numbers'}: {error}")


PARSERS = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "inputs": _inputs,
    "instances": _instances,
}
"""Name of a form to what reads it."""
