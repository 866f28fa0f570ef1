"""Types of columns, nested ones included, and how two of them combine; pure.

The types and their names are those of MLflow's signatures (`mlflow.types.schema`, 3.17), so that a
signature means the same to both.
"""

from __future__ import annotations

from typing import Literal, Union, get_args

from gittrack.core.errors import InvalidValue
from gittrack.core.value import dataclass

ScalarName = Literal["boolean", "integer", "long", "float", "double", "string", "binary", "datetime"]
SCALARS: tuple[str, ...] = get_args(ScalarName)
"""`integer` and `float` have 32 bits, `long` and `double` 64."""


class CannotMerge(InvalidValue):
    """Two values that should have one type have none in common."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value.

    Attributes:
        name: of the type.
    """

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Anything:
    """A value of unknown or changing type, also one that is missing; never checked."""

    def __str__(self) -> str:
        return "any"


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector of Spark ML: numbers of type `double`."""

    def __str__(self) -> str:
        return "sparkml_vector"


@dataclass(frozen=True, slots=True)
class Array:
    """A list.

    Attributes:
        items: what each item is.
    """

    items: Type

    def __str__(self) -> str:
        return f"array of {self.items}"


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping from text to values of one type.

    Attributes:
        values: what each value is.
    """

    values: Type

    def __str__(self) -> str:
        return f"map of {self.values}"


@dataclass(frozen=True, slots=True)
class Property:
    """One member of an object.

    Attributes:
        name: of it.
        type: of its value.
        required: whether it must be there.
    """

    name: str
    type: Type
    required: bool = True


@dataclass(frozen=True, slots=True)
class Object:
    """A mapping with known members.

    Attributes:
        properties: at least one, by name.
    """

    properties: tuple[Property, ...]

    def __str__(self) -> str:
        return f"object with {', '.join(one.name for one in self.properties)}"


Type = Union[Scalar, Anything, Vector, Array, Map, Object]  # noqa: UP007  evaluated in Python 3.10


def object_of(properties: dict[str, Property]) -> Object:
    """An object of its members, sorted."""
    return Object(tuple(properties[name] for name in sorted(properties)))


def merged(first: Type, second: Type) -> Type:
    """The type of values of which some are of one type and some of another.

    Raises:
        CannotMerge: there is none.
    """
    if isinstance(first, Anything):
        first, second = second, first
    if isinstance(first, Object) and isinstance(second, Anything):
        return Object(tuple(Property(one.name, one.type, required=False) for one in first.properties))
    if first == second or isinstance(second, Anything):
        return first
    if isinstance(first, Array) and isinstance(second, Array):
        return Array(merged(first.items, second.items))
    if isinstance(first, Map) and isinstance(second, Map):
        return Map(merged(first.values, second.values))
    if isinstance(first, Object) and isinstance(second, Object):
        return _both(first, second)
    msg = f"values of type {first} and of type {second} have no type in common"
    raise CannotMerge(msg, hint="make them alike, or declare the column as `any`")


def _both(first: Object, second: Object) -> Object:
    mine = {one.name: one for one in first.properties}
    theirs = {one.name: one for one in second.properties}
    found = {}
    for name in mine.keys() | theirs.keys():
        one, other = mine.get(name), theirs.get(name)
        if one is not None and other is not None:
            required = one.required and other.required
            found[name] = Property(name, merged(one.type, other.type), required)
        else:
            only = one or theirs[name]
            found[name] = Property(name, only.type, required=False)
    return object_of(found)
