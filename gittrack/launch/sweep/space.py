"""What a param of a sweep may be: one of some values, or a number between two; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.core.text import dump_json

if TYPE_CHECKING:
    import random

Params = Mapping[str, Any]
"""Name to value: the params of one trial."""


class SpaceError(UsageError):
    """A space that cannot be read, or holds nothing.

    Attributes:
        text: what was written, empty where it was not text.
        position: offset of the offending character in `text`, None where it has none.
    """

    def __init__(
        self, message: str, hint: str | None = None, text: str = "", position: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.text = text
        self.position = position


@dataclass(frozen=True)
class OneOf:
    """One of some values.

    Attributes:
        values: in the order of the grid; no two are the same.
    """

    values: tuple[Any, ...]

    def draw(self, rng: random.Random) -> Any:  # noqa: ANN401  whatever the values are
        """One of them by chance."""
        return self.values[rng.randrange(len(self.values))]

    def to_json(self) -> Any:  # noqa: ANN401  JSON
        """As :func:`of` reads it."""
        return {"choice": list(self.values)}


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`; `log` draws its logarithm evenly."""

    low: float
    high: float
    log: bool = False

    def draw(self, rng: random.Random) -> float:
        """One by chance."""
        if not self.log:
            return rng.uniform(self.low, self.high)
        found = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return min(self.high, max(self.low, found))

    def to_json(self) -> Any:  # noqa: ANN401  JSON
        """As :func:`of` reads it."""
        return {"loguniform" if self.log else "uniform": [self.low, self.high]}


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, both included; `log` draws its logarithm evenly."""

    low: int
    high: int
    log: bool = False

    def draw(self, rng: random.Random) -> int:
        """One by chance."""
        if not self.log:
            return rng.randint(self.low, self.high)
        found = math.exp(rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5)))
        return min(self.high, max(self.low, round(found)))

    def to_json(self) -> Any:  # noqa: ANN401  JSON
        """As :func:`of` reads it."""
        return {"logint" if self.log else "int": [self.low, self.high]}


Dimension = OneOf | Real | Whole
Space = Mapping[str, Dimension]
"""Name of a param to what it may be, in the order of the grid."""

RANGES = ("uniform", "loguniform", "int", "logint")


def one_of(values: Iterable[Any], name: str = "") -> OneOf:
    """One of these values.

    Raises:
        SpaceError: there are none, or one comes twice.
    """
    found = tuple(values)
    what = f"{name}: " if name else ""
    if not found:
        msg = f"{what}the list of values is empty"
        raise SpaceError(msg, hint="give it one value or more")
    texts = [_text(value) for value in found]
    twice = next((text for text in texts if texts.count(text) > 1), None) if len(texts) <= _CHECKED else None
    if twice is None and len(set(texts)) < len(texts):
        twice = "a value"
    if twice is not None:
        msg = f"{what}{twice[:40]} is in the list twice"
        raise SpaceError(msg, hint="to repeat each trial, sweep over a seed: seed=range(3)")
    return OneOf(found)


_CHECKED = 1000  # values; in a longer list the one that comes twice is not named


def between(kind: str, ends: Iterable[Any], name: str = "") -> Real | Whole:
    """A range.

    Args:
        kind: one of `RANGES`.
        ends: lowest and highest value.
        name: of the param, for messages.

    Raises:
        SpaceError: these are no such ends.
    """
    what = f"{name}: " if name else ""
    given = tuple(ends)
    if len(given) != 2 or not all(_is_number(end, kind) for end in given):  # noqa: PLR2004  lowest and highest
        number = "whole numbers" if kind.endswith("int") else "numbers"
        msg = f"{what}{kind} takes two {number}, the lowest and the highest"
        raise SpaceError(msg, hint=f"{kind}({'1, 8' if kind.endswith('int') else '0.001, 0.1'})")
    low, high = given
    if low > high or (low == high and not kind.endswith("int")):
        msg = f"{what}{kind}({low}, {high}) is empty"
        raise SpaceError(msg, hint="write the lowest value first")
    if kind.startswith("log") and low <= 0:
        msg = f"{what}{kind} begins above 0, not at {low}"
        raise SpaceError(msg, hint=f"{kind.removeprefix('log')} takes any numbers")
    if kind.endswith("int"):
        return Whole(int(low), int(high), kind.startswith("log"))
    return Real(float(low), float(high), kind.startswith("log"))


def of(name: str, given: object) -> Dimension:
    """What a param may be, from what a program or a file says.

    Args:
        name: of the param.
        given: a list or other iterable of values; text in the grammar of the command line; a mapping
            `{uniform: [low, high]}` and so on; a space; or one value.

    Raises:
        SpaceError: it is none of them.
    """
    if isinstance(given, (OneOf, Real, Whole)):
        return given
    if isinstance(given, str):
        from gittrack.launch.sweep.grammar import parse

        return parse(given, name)
    if isinstance(given, Mapping):
        return _from_mapping(name, given)
    if isinstance(given, Iterable):
        return one_of(given, name)
    return one_of((given,), name)


def _from_mapping(name: str, given: Mapping[Any, Any]) -> Dimension:
    from gittrack.launch.projects.project_values import nearest

    known = ("choice", *RANGES)
    if len(given) != 1:
        msg = f"{name}: a space has one kind"
        raise SpaceError(msg, hint=f"write one of {', '.join(known)}, such as {{uniform: [0, 1]}}")
    ((kind, ends),) = given.items()
    if kind not in known:
        msg = f"{name}: no such space: {str(kind)[:40]}"
        raise SpaceError(msg, hint=nearest(str(kind), known) or f"there is: {', '.join(known)}")
    if not isinstance(ends, Iterable) or isinstance(ends, (str, Mapping)):
        msg = f"{name}: {kind} takes a list"
        raise SpaceError(msg, hint=f"{kind}: [1, 2]")
    return one_of(ends, name) if kind == "choice" else between(kind, ends, name)


def size(space: Space) -> int | None:
    """How many points it has, None where it has a range."""
    if not all(isinstance(one, OneOf) for one in space.values()):
        return None
    return math.prod(len(one.values) for one in space.values() if isinstance(one, OneOf))


def varying(space: Space) -> list[str]:
    """The params that are not the same in all trials."""
    return [name for name, one in space.items() if not (isinstance(one, OneOf) and len(one.values) == 1)]


def to_json(space: Space) -> dict[str, Any]:
    """As :func:`from_json` reads it."""
    return {name: one.to_json() for name, one in space.items()}


def from_json(document: Mapping[str, Any]) -> Space:
    """The space that :func:`to_json` wrote.

    Raises:
        SpaceError: it is none.
    """
    return {str(name): of(str(name), given) for name, given in document.items()}


def _is_number(value: object, kind: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return not kind.endswith("int") or value == int(value)


def _text(value: object) -> str:
    """What tells values apart: 1, 1.0, true and "1" are four."""
    try:
        return dump_json(value).decode()
    except (TypeError, ValueError):
        return repr(value)
