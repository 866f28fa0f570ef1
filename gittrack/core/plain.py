"""Frozen dataclasses as plain JSON values and back, checked."""

from __future__ import annotations

import dataclasses
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gittrack.core.ids import is_run_id
from gittrack.core.records import STATUSES, Artifact, Input, Run, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
_MISSING = dataclasses.MISSING


def to_plain(value: Any) -> Any:  # noqa: ANN401  any value of a dataclass
    """The value with dataclasses as mappings, fields that have their default left out."""
    if dataclasses.is_dataclass(value):
        return {
            name: to_plain(getattr(value, name))
            for name, _, default in _fields(cast("Hashable", type(value)))
            if getattr(value, name) != default
        }
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], fields: object) -> T:
    """The dataclass that :func:`to_plain` wrote. Unknown fields are left out.

    Raises:
        ValueError: a field is missing or of the wrong type.
    """
    if not isinstance(fields, dict):
        msg = f"{kind.__name__.lower()} is not a mapping"
        raise ValueError(msg)  # noqa: TRY004  the value comes from a file
    given: dict[str, Any] = {}
    for name, annotation, default in _fields(cast("Hashable", kind)):
        if annotation not in _TAKE:
            continue
        if name in fields:
            try:
                given[name] = _TAKE[annotation](fields[name])
            except TypeError as error:
                msg = f"{name!r} is not {annotation}"
                raise ValueError(msg) from error
        elif default is _MISSING:
            msg = f"no {name!r}"
            raise ValueError(msg)
    return kind(**given)


def _only(*kinds: type[Any]) -> Callable[[Any], Any]:
    """What takes values of exactly these types: True is no integer."""

    def take(value: Any) -> Any:  # noqa: ANN401  any JSON value
        if type(value) not in kinds:
            raise TypeError
        return value

    return take


def _one_of(*values: str) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:  # noqa: ANN401  any JSON value
        if value not in values:
            raise TypeError
        return value

    return take


def _mapping_of(*kinds: type[Any]) -> Callable[[Any], Any]:
    """What takes mappings from text to values of these types, of any type without them."""

    def take(value: Any) -> Any:  # noqa: ANN401  any JSON value
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise TypeError
        if kinds and not all(isinstance(item, kinds) for item in value.values()):
            raise TypeError
        return value

    return take


def _tuple_of(take_one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:  # noqa: ANN401  any JSON value
        if not isinstance(value, (list, tuple)):
            raise TypeError
        return tuple(map(take_one, value))

    return take


def _run(value: object) -> Run:
    run = from_plain(Run, value)
    if not is_run_id(run.id):
        msg = f"not a run id: {run.id[:80]!r}"
        raise ValueError(msg)
    return run


_NONE = type(None)
# What a field takes, by its annotation; fields with another one are left to their default.
_TAKE: dict[str, Callable[[Any], Any]] = {
    "str": _only(str),
    "str | None": _only(str, _NONE),
    "int": _only(int),
    "int | None": _only(int, _NONE),
    "bool": _only(bool),
    "Status": _one_of(*STATUSES),
    "Literal['file', 'directory']": _one_of("file", "directory"),
    "Mapping[str, Any]": _mapping_of(),
    "Mapping[str, Value]": _mapping_of(),
    "Mapping[str, str]": _mapping_of(str),
    "Mapping[str, str | None]": _mapping_of(str, _NONE),
    "tuple[str, ...]": _tuple_of(_only(str)),
    "tuple[int, ...]": _tuple_of(_only(int)),
    "Run": _run,
    "Source": partial(from_plain, Source),
    "Artifact": partial(from_plain, Artifact),
    "Input": partial(from_plain, Input),
    "tuple[Artifact, ...]": _tuple_of(partial(from_plain, Artifact)),
    "tuple[Input, ...]": _tuple_of(partial(from_plain, Input)),
}


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, str, Any], ...]:
    """Name, annotation and default of each field."""
    return tuple(
        (
            item.name,
            str(item.type),
            item.default if item.default_factory is _MISSING else item.default_factory(),
        )
        for item in dataclasses.fields(cast("type[Any]", kind))
    )
