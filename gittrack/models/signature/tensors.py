"""Arrays held against the tensors of a signature; tables whose columns are meant as tensors become some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from gittrack.models.signature.failures import DoesNotFit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.models.signature.specs import Tensor


def enforce_tensors(data: Any, tensors: Sequence[Tensor]) -> tuple[Any, list[str]]:  # noqa: ANN401  see Args
    """The arrays as the model takes them, and the names of those that it does not know.

    Args:
        data: an array, a sparse matrix, a mapping of arrays or a DataFrame.
        tensors: one without a name, or several with one each.

    Raises:
        DoesNotFit: an array is missing, or has another shape or type.
    """
    import numpy as np
    import pandas as pd

    table = isinstance(data, pd.DataFrame)
    if tensors[0].name is None:
        return (_of_table(data, tensors[0]) if table else _array(data, tensors[0])), []
    if isinstance(data, np.ndarray) and len(tensors) == 1:
        data = {tensors[0].name: data}
    if not table and not isinstance(data, dict):
        _refuse(f"a {type(data).__qualname__} where the model takes named arrays", "give a mapping of arrays")
    names = [str(one.name) for one in tensors]
    lost = [name for name in names if name not in data]
    extra = [str(name) for name in data if name not in set(names)]
    if lost:
        _refuse(
            f"the model wants the arrays {', '.join(map(repr, lost))}", f"given: {', '.join(extra) or 'none'}"
        )
    take = _of_column if table else _array
    return {str(one.name): take(data[one.name], one) for one in tensors}, extra


def _array(array: Any, tensor: Tensor) -> Any:  # noqa: ANN401
    if not hasattr(array, "dtype") or not hasattr(array, "shape"):
        _refuse(f"{_label(tensor)} is a {type(array).__qualname__}", "give a NumPy array")
    shape, wanted = tuple(array.shape), tensor.shape
    ragged = array.dtype == object and len(shape) == 1
    if wanted == (-1,) and tensor.dtype == "object":
        return array
    if ragged and -1 in wanted[1:]:  # rows of different lengths
        return array
    fits = len(shape) == len(wanted) and all(
        one in {-1, size} for one, size in zip(wanted, shape, strict=True)
    )
    if not fits:
        _refuse(
            f"{_label(tensor)} has the shape {shape}, and the model takes {wanted}",
            "-1 stands for any length",
        )
    found = {"U": "str", "S": "bytes"}.get(array.dtype.kind, array.dtype.name)
    if found != tensor.dtype:
        _refuse(
            f"{_label(tensor)} is {found}, and the model takes {tensor.dtype}",
            f"convert it: array.astype({tensor.dtype!r})",
        )
    return array


def _of_table(table: Any, tensor: Tensor) -> Any:  # noqa: ANN401  a DataFrame
    if table.empty:
        _refuse("there are no rows", "give at least one")
    count = len(table.columns)
    if count == 1:
        return _of_column(table[table.columns[0]], tensor)
    if tensor.shape != (-1, count):
        _refuse(
            f"a table of {count} columns is no array of the shape {tensor.shape}",
            "give an array, or a table with as many columns as its last dimension",
        )
    return _array(table.to_numpy(), tensor)


def _of_column(series: Any, tensor: Tensor) -> Any:  # noqa: ANN401  a pandas Series
    """The array that a column is meant as: of scalars, of flat lists, of arrays."""
    import numpy as np

    if tensor.shape[:1] != (-1,) or -1 in tensor.shape[1:]:
        _refuse(
            f"{_label(tensor)} has the shape {tensor.shape}, which no column can be made to",
            "only the first dimension may have any length: give arrays",
        )
    values = series.tolist()
    first = values[0] if values else None
    try:
        if np.isscalar(first):
            if tensor.shape not in {(-1,), (-1, 1)}:
                _refuse(f"{_label(tensor)} holds scalars, and the model takes {tensor.shape}", "give lists")
            return _array(np.array(values, dtype=tensor.dtype).reshape(tensor.shape), tensor)
        rows = np.vstack(values).reshape(tensor.shape)
        # a list has lost its type, an array has not
        rows = rows if isinstance(first, np.ndarray) else rows.astype(tensor.dtype)
    except (ValueError, TypeError) as error:
        _refuse(
            f"{_label(tensor)} cannot be made an array of the shape {tensor.shape}: {error}", "see its rows"
        )
    if len(rows) != len(values):
        _refuse(
            f"the rows of {_label(tensor)} do not have {tensor.shape[1:]} values each", "see their lengths"
        )
    return _array(rows, tensor)


def _label(tensor: Tensor) -> str:
    return "the array" if tensor.name is None else f"the array {tensor.name!r}"


def _refuse(message: str, hint: str) -> NoReturn:
    raise DoesNotFit(message, hint=hint)
