"""Dataclasses that are made in a twentieth of the time.

`dataclasses.dataclass` compiles six functions for each class, half a millisecond or more; the forty
classes of a wrapped command were a quarter of what the wrapper takes. This one has the same functions
once, for all classes. What it makes is a dataclass to type checkers and to the functions of
`dataclasses` (`replace`, `fields`, `asdict`), only without base classes and without the signature of its
constructor in `help`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError, field
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(*, slots, frozen=False):  # noqa: ANN001, ANN201  type checkers see the other one
        """As `dataclasses.dataclass` with these options, of which `slots` must be True."""
        if not slots:
            msg = "only slots=True: take dataclasses.dataclass for others"
            raise TypeError(msg)
        return partial(_made, _FROZEN if frozen else _METHODS)


__all__ = ["dataclass", "field"]


@dataclasses.dataclass
class _Sample:
    name: str


_KIND = dataclasses.fields(_Sample)[0]._field_type  # type: ignore[attr-defined]  # noqa: SLF001  what marks a plain field of a dataclass
_OPTIONS = _Sample.__dataclass_params__  # type: ignore[attr-defined]  # what `dataclasses` says of a class


def _made(methods: dict[str, Any], cls: Any) -> Any:  # noqa: ANN401  a class
    """The class, made anew with slots."""
    fields = {name: _field(cls, name, kind) for name, kind in cls.__annotations__.items()}
    names = tuple(fields)
    given = {name: item for name, item in vars(cls).items() if name not in fields and name not in _NOT}
    own = {
        "__slots__": names,
        "__match_args__": names,
        "__qualname__": cls.__qualname__,
        "__dataclass_fields__": fields,
        "__dataclass_params__": _OPTIONS,
        "_values": property(_getter(names)),
    }
    made = type(cls)(cls.__name__, cls.__bases__, {**methods, **given, **own})
    made._setters = tuple((name, getattr(made, name).__set__, one) for name, one in fields.items())  # noqa: SLF001  ours
    return made


_NOT = frozenset({"__dict__", "__weakref__"})


def _field(cls: type[Any], name: str, kind: Any) -> Field[Any]:  # noqa: ANN401  an annotation
    default = vars(cls).get(name, MISSING)
    found: Any = default if isinstance(default, Field) else field(default=default)
    found.name, found.type, found._field_type = name, kind, _KIND  # noqa: SLF001  as `dataclasses` does
    found.kw_only = False
    return found  # type: ignore[no-any-return]  # a Field, whose attributes are not all public


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives all values of an instance, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _init(self: Any, /, *args: Any, **given: Any) -> None:  # noqa: ANN401  any instance
    setters = self._setters
    if len(args) > len(setters):
        msg = f"{type(self).__name__} takes {len(setters)} values, not {len(args)}"
        raise TypeError(msg)
    for (_, put, _), value in zip(setters, args, strict=False):
        put(self, value)
    missing = []
    for name, put, one in setters[len(args) :]:
        if name in given:
            put(self, given.pop(name))
        elif one.default is not MISSING:
            put(self, one.default)
        elif one.default_factory is not MISSING:
            put(self, one.default_factory())
        else:
            missing.append(name)
    if missing or given:
        msg = f"{type(self).__name__}: missing {missing}, not known or given twice {list(given)}"
        raise TypeError(msg)


def _equal(self: Any, other: Any) -> Any:  # noqa: ANN401  any instance, True or False or NotImplemented
    return self._values == other._values if other.__class__ is self.__class__ else NotImplemented  # noqa: SLF001


def _hash(self: Any) -> int:  # noqa: ANN401
    return hash(self._values)


def _repr(self: Any) -> str:  # noqa: ANN401
    pairs = zip(self.__match_args__, self._values, strict=True)
    return f"{type(self).__qualname__}({', '.join([f'{name}={value!r}' for name, value in pairs])})"


def _frozen(self: Any, name: str, *_: Any) -> None:  # noqa: ANN401, ARG001  any instance
    msg = f"cannot change field {name!r}"
    raise FrozenInstanceError(msg)


def _reduce(self: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return type(self), self._values


_METHODS = {"__init__": _init, "__eq__": _equal, "__hash__": None, "__repr__": _repr, "__reduce__": _reduce}
_FROZEN = {**_METHODS, "__hash__": _hash, "__setattr__": _frozen, "__delattr__": _frozen}
