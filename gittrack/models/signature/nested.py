"""A value of a column with lists, objects or mappings held against its type."""

from __future__ import annotations

from typing import Any

from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.infer import missing
from gittrack.models.signature.types import Anything, Array, Map, Object, Scalar, Type, Vector


def enforce_value(where: str, value: Any, kind: Type, *, required: bool = True) -> Any:  # noqa: ANN401  any value, one type a line
    """The value as the model takes it.

    Args:
        where: the column, for messages.
        value: a scalar, a list, a mapping.
        kind: what it should be.
        required: whether it must be there.

    Raises:
        DoesNotFit: it is something else; names the place.
    """
    if isinstance(kind, Anything):
        return value
    if isinstance(kind, Scalar):
        return None if not required and missing(value) else _scalar(where, value, kind)
    if isinstance(kind, (Array, Vector)):
        items: Type = Scalar("double") if isinstance(kind, Vector) else kind.items
        return _list(where, value, items, required=required)
    lax = not required or (isinstance(kind, Map) and isinstance(kind.values, Anything))
    if lax and (value is None or value == {}):
        return value
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        _refuse(where, value, kind)
    if isinstance(kind, Map):
        return {
            name: enforce_value(f"{where}.{name}", one, kind.values, required=required)
            for name, one in value.items()
        }
    return _object(where, value, kind)


def _object(where: str, value: dict[str, Any], kind: Object) -> dict[str, Any]:
    known = {one.name: one for one in kind.properties}
    lost = sorted(name for name, one in known.items() if one.required and name not in value)
    extra = sorted(value.keys() - known.keys())
    if lost or extra:
        what = (
            f"has no {', '.join(map(repr, lost))}" if lost else f"has {', '.join(map(repr, extra))} too many"
        )
        msg = f"{where}: an object {what}"
        raise DoesNotFit(msg, hint=f"its members are {', '.join(known)}")
    return {
        name: enforce_value(f"{where}.{name}", one, known[name].type, required=known[name].required)
        for name, one in value.items()
    }


def _list(where: str, value: Any, items: Type, *, required: bool) -> Any:  # noqa: ANN401
    import numpy as np
    import pandas as pd

    from gittrack.models.signature.columns import enforce_scalars

    many = isinstance(value, (list, tuple, np.ndarray))
    if (not required or isinstance(items, Anything)) and (value is None or (many and not len(value))):
        return value
    if not many:
        _refuse(where, value, Array(items))
    if not len(value):
        return value
    if isinstance(items, Scalar):
        found = enforce_scalars(where, pd.Series(value), items.name)
        return found.to_numpy() if isinstance(value, np.ndarray) else found.tolist()
    each = [
        enforce_value(f"{where}[{number}]", one, items, required=required) for number, one in enumerate(value)
    ]
    return np.array(each) if isinstance(value, np.ndarray) else each


def _scalar(where: str, value: Any, kind: Scalar) -> Any:  # noqa: ANN401
    import numpy as np
    import pandas as pd

    from gittrack.models.signature.columns import enforce_scalars

    if not np.isscalar(value):
        _refuse(where, value, kind)
    return enforce_scalars(where, pd.Series([value]), kind.name).iloc[0]


def _refuse(where: str, value: object, kind: Type) -> None:
    msg = f"{where}: a {type(value).__qualname__} where the model takes {kind}"
    raise DoesNotFit(msg, hint="give values as the signature has them")
