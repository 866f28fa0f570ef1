"""Params of `predict` held against a signature."""

from __future__ import annotations

import datetime as dt
import numbers
from typing import TYPE_CHECKING, Any, NoReturn

from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.nested import enforce_value
from gittrack.models.signature.types import Object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.models.signature.specs import Param

_TAKEN: dict[str, tuple[type[Any], ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "string": (str,),
    "binary": (bytes, bytearray),
}


def enforce_params(
    given: Mapping[str, Any] | None, params: Sequence[Param]
) -> tuple[dict[str, Any], list[str]]:
    """All params with their values, given or default; and the names of those that the model does not know.

    Raises:
        DoesNotFit: a value is of another type.
    """
    given = given or {}
    known = {one.name for one in params}
    values = {one.name: _value(one, given.get(one.name, one.default)) for one in params}
    return values, [name for name in given if name not in known]


def _value(param: Param, value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if isinstance(param.type, Object):
        return enforce_value(f"param {param.name!r}", value, param.type)
    listed = value.tolist() if hasattr(value, "tolist") else value
    if param.shape is None:
        return _scalar(param.name, listed, param.type)
    if not isinstance(listed, (list, tuple)):
        _refuse(param.name, value, f"a list of {param.type}")
    return [_scalar(param.name, one, param.type) for one in listed]


def _scalar(name: str, value: Any, kind: str) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if kind == "datetime":
        return _time(name, value)
    flag = isinstance(value, bool)
    if not isinstance(value, _TAKEN[kind]) or flag != (kind == "boolean"):
        _refuse(name, value, kind)
    return float(value) if kind in {"float", "double"} and isinstance(value, numbers.Real) else value


def _time(name: str, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, (dt.datetime, dt.date)):
        return value
    try:
        return dt.datetime.fromisoformat(value)
    except (ValueError, TypeError):
        _refuse(name, value, "a time, such as 2026-11-24T03:43:13")


def _refuse(name: str, value: object, kind: str) -> NoReturn:
    msg = f"param {name!r} is {value!r}, and the model takes {kind}"
    raise DoesNotFit(msg, hint="`gittrack model show` lists the params with their types")
