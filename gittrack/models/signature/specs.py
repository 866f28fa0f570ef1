"""The parts of a signature: columns or tensors, and params; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Union

from gittrack.core.errors import InvalidValue
from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from gittrack.models.signature.types import Object, Type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        type: of its values.
        name: a text, or a number where the table that it was inferred from had numbers; None where columns
            are known by their place alone.
        required: whether it must be there.
    """

    type: Type
    name: str | int | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Tensor:
    """An array of numbers or texts.

    Attributes:
        dtype: the name NumPy has for its type, without a size for texts (`str`, `bytes`).
        shape: its dimensions, -1 for any length.
        name: None for the only one.
    """

    dtype: str
    shape: tuple[int, ...]
    name: str | None = None

    @property
    def required(self) -> bool:
        """Tensors always are."""
        return True


Spec = Union[Column, Tensor]  # noqa: UP007  evaluated in Python 3.10


@dataclass(frozen=True, slots=True)
class Param:
    """A param of `predict`.

    Attributes:
        name: of it.
        type: the name of a scalar type, or an object.
        default: used where a caller gives none; its type is `type`, or a list of that.
        shape: `(-1,)` for a list, None for one value.
    """

    name: str
    type: str | Object
    default: Any
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """What a table or a set of tensors is made of.

    Attributes:
        specs: columns or tensors, at least one, all with names or none.
    """

    specs: tuple[Spec, ...]

    @property
    def tensors(self) -> bool:
        """Whether they are tensors."""
        return isinstance(self.specs[0], Tensor)

    @property
    def named(self) -> bool:
        """Whether they have names."""
        return self.specs[0].name is not None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives.

    Attributes:
        inputs: of `predict`, None where not known.
        outputs: what it returns, None where not known.
        params: of `predict`, empty for none.
    """

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: tuple[Param, ...] = ()


def schema_of(specs: list[Spec]) -> Schema:
    """A schema of its parts, checked.

    Raises:
        InvalidValue: they do not go together.
    """
    names = [one.name for one in specs]
    kinds = {type(one) for one in specs}
    if not specs:
        _refuse("a schema has no columns", "give at least one")
    if len(kinds) > 1:
        _refuse("a schema has columns and tensors", "make it one or the other")
    if None in names and set(names) != {None}:
        _refuse("some inputs have names and some have none", "name all of them, or none")
    if None in names and len(specs) > 1 and kinds == {Tensor}:
        _refuse("several tensors have no names", "give each one a name")
    if None in names and not all(one.required for one in specs):
        _refuse("an input without a name is optional", "name all of them, or make them required")
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        _refuse(f"input {twice!r} is declared twice", "each name once")
    return Schema(tuple(specs))


def _refuse(message: str, hint: str) -> NoReturn:
    raise InvalidValue(message, hint=hint)
