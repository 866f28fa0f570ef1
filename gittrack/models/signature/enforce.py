"""Holds data against a signature, and converts what can be converted without loss, by MLflow's rules.

Columns that are missing are an error, columns too many are left out, and the others come in the order of
the signature. Whole numbers may become larger ones, floats doubles, 32 bit integers doubles; nothing else
is converted, because it would change values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.signature.columns import enforce_column
from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.specs import Column, Tensor
from gittrack.models.signature.tables import as_table
from gittrack.models.signature.tensors import enforce_tensors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.models.signature.specs import Schema


def enforce(data: Any, schema: Schema) -> tuple[Any, list[str]]:  # noqa: ANN401  see Args
    """The data as the model takes it.

    Args:
        data: what :func:`gittrack.models.signature.infer.infer_schema` takes.
        schema: the inputs of the signature.

    Returns:
        A DataFrame for columns, an array or a mapping of arrays for tensors; and the names of columns that
        were left out because the model does not know them.

    Raises:
        DoesNotFit: something is missing, or of another type; names the column.
    """
    if schema.tensors:
        tensors = [one for one in schema.specs if isinstance(one, Tensor)]
        return enforce_tensors(data, tensors)
    columns = [one for one in schema.specs if isinstance(one, Column)]
    table = as_table(data, columns)
    return (_by_name if schema.named else _by_place)(table, columns)


def _by_name(table: Any, columns: Sequence[Column]) -> tuple[Any, list[str]]:  # noqa: ANN401  a DataFrame
    """Columns are found by their name, a number also where it has become a text."""
    given = {**{str(name): name for name in table.columns}, **{name: name for name in table.columns}}
    known = {name for one in columns for name in (one.name, str(one.name))}
    extra = [str(name) for name in table.columns if name not in known and str(name) not in known]
    place = {one.name: given.get(one.name, given.get(str(one.name))) for one in columns}
    _check_missing([str(one.name) for one in columns if one.required and place[one.name] is None], extra)
    found = {
        one.name: enforce_column(str(one.name), table[place[one.name]], one)
        for one in columns
        if place[one.name] is not None
    }
    return _table(found, table), extra


def _check_missing(missing: Sequence[str], extra: Sequence[str]) -> None:
    if not missing:
        return
    names = ", ".join(map(repr, missing[:20]))
    msg = f"the model wants {'columns' if len(missing) > 1 else 'the column'} {names}"
    given = f"; not known to it: {', '.join(map(repr, extra[:20]))}" if extra else ""
    raise DoesNotFit(msg, hint=f"add what is missing{given}")


def _by_place(table: Any, columns: Sequence[Column]) -> tuple[Any, list[str]]:  # noqa: ANN401
    names = list(table.columns)
    if len(names) < len(columns):
        msg = f"the model wants {len(columns)} columns, and there are {len(names)}"
        raise DoesNotFit(msg, hint="columns have no names in its signature: they are taken in their order")
    found = {
        name: enforce_column(str(name), table[name], one) for name, one in zip(names, columns, strict=False)
    }
    return _table(found, table), list(map(str, names[len(columns) :]))


def _table(columns: dict[Any, Any], like: Any) -> Any:  # noqa: ANN401
    import pandas as pd

    return pd.DataFrame(columns, index=like.index)
