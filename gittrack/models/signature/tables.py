"""Anything that is meant as a table, as a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.types import Array, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.models.signature.specs import Column


def as_table(data: Any, columns: Sequence[Column]) -> Any:  # noqa: ANN401  see Args
    """A DataFrame of a Series, an array, a list, a mapping or one value.

    Args:
        data: as a caller gave it.
        columns: what the model takes: a mapping may be one row or many, and they tell.

    Raises:
        DoesNotFit: it cannot be a table.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    try:
        if isinstance(data, pd.Series):
            return pd.DataFrame(data)
        if isinstance(data, dict):
            return pd.DataFrame([data] if _is_row(data, columns) else _flat(data))
        if np.isscalar(data):
            return pd.DataFrame([data])
        if isinstance(data, np.ndarray) and data.ndim == 1 and len(columns) == 1:
            return pd.DataFrame({columns[0].name or 0: data})
        if isinstance(data, (list, np.ndarray)):
            return pd.DataFrame(data)
    except (ValueError, TypeError) as error:
        msg = f"the data is no table: {error}"
        raise DoesNotFit(msg, hint="the signature has columns: give a DataFrame") from error
    msg = f"the data is no table but a {type(data).__qualname__}"
    raise DoesNotFit(msg, hint="the signature has columns: give a DataFrame")


def _is_row(data: dict[Any, Any], columns: Sequence[Column]) -> bool:
    """Whether a mapping is one row rather than columns."""
    import numpy as np

    if any(isinstance(one.type, (Array, Object)) for one in columns):
        return True
    return all(
        np.isscalar(value)
        or value is None
        or (isinstance(value, list) and all(isinstance(one, str) for one in value))
        or (isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind == "U")
        for value in data.values()
    )


def _flat(data: dict[Any, Any]) -> dict[Any, Any]:
    """With lists for arrays of several dimensions, which no column takes; the check of types says so."""
    return {name: value.tolist() if getattr(value, "ndim", 0) > 1 else value for name, value in data.items()}
