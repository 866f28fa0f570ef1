"""The JSON Schemas of our files, and a check against them that needs no third party.

The check knows the keywords that our schemas use and no others; a test holds it against `jsonschema`.
"""

from __future__ import annotations

import functools
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.core.text import load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Name = Literal["run", "metrics", "environment", "edit", "version", "alias", "modeledit"]

_FOLDER = Path(__file__).resolve().parent.parent / "schemas"


class Misfit(NamedTuple):
    """Where a value does not fit its schema.

    Attributes:
        path: keys and indexes that lead there.
        reason: what is wrong.
    """

    path: tuple[str | int, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """`params.lr is not text`."""
        where = ".".join(map(str, self.path))
        return f"{where} {self.reason}" if where else self.reason


@functools.cache
def schema(name: Name) -> dict[str, Any]:
    """One of the schemas that are shipped with the package."""
    loaded: dict[str, Any] = load_json((_FOLDER / f"{name}.schema.json").read_bytes())
    return loaded


def misfits(name: Name, value: object) -> Iterator[Misfit]:
    """Where a JSON value does not fit a schema, in the order of the schema."""
    whole = schema(name)
    return _check(whole, value, (), whole.get("$defs", {}))


def line_of(misfit: Misfit, lines: Sequence[str]) -> int | None:
    """The line of a misfit in the canonical form (1 for the first), of the block around it elsewhere."""
    if not misfit.path:
        return None
    first, *rest = misfit.path
    top = next((number for number, line in enumerate(lines, 1) if line.startswith(f"{first}:")), None)
    if top is None or not rest:
        return top
    inner = list(itertools.takewhile(lambda line: line.startswith(" "), lines[top:]))
    if isinstance(rest[0], int):
        return top + 1 + rest[0] if rest[0] < len(inner) else top
    names = (f"  {rest[0]}:", f'  "{rest[0]}":')
    return next((number for number, line in enumerate(inner, top + 1) if line.startswith(names)), top)


_Path = tuple["str | int", ...]


def _check(part: Mapping[str, Any], value: object, path: _Path, defs: Mapping[str, Any]) -> Iterator[Misfit]:
    for keyword, wanted in part.items():
        if keyword in _SIMPLE:
            reason = _SIMPLE[keyword](wanted, value)
            if reason:
                yield Misfit(path, reason)
        elif keyword in _NESTED:
            yield from _NESTED[keyword](wanted, value, path, defs)
    if "if" in part and not any(_check(part["if"], value, path, defs)):
        yield from _check(part["then"], value, path, defs)


_TYPES: Mapping[str, tuple[str, type[Any] | tuple[type[Any], ...]]] = {
    "string": ("text", str),
    "integer": ("a whole number", int),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", bool),
    "object": ("a mapping", dict),
    "array": ("a list", list),
    "null": ("null", type(None)),
}


def _type(wanted: str | list[str], value: object) -> str | None:
    names = [wanted] if isinstance(wanted, str) else wanted
    for name in names:
        if isinstance(value, _TYPES[name][1]) and (name == "boolean" or not isinstance(value, bool)):
            return None
    return f"is not {' or '.join(_TYPES[name][0] for name in names)}"


def _const(wanted: object, value: object) -> str | None:
    return None if value == wanted else f"is {_short(value)}, not {_short(wanted)}"


def _enum(wanted: list[object], value: object) -> str | None:
    return None if value in wanted else f"is {_short(value)}, not one of {', '.join(map(str, wanted))}"


def _required(wanted: list[str], value: object) -> str | None:
    absent = [name for name in wanted if name not in value] if isinstance(value, dict) else []
    return f"has no {', '.join(absent)}" if absent else None


def _pattern(wanted: str, value: object) -> str | None:
    if not isinstance(value, str) or re.search(re.sub(r"\$$", r"\\Z", wanted), value):
        return None
    return f"is {_short(value)}, which is not of the form {wanted}"


def _minimum(wanted: float, value: object) -> str | None:
    small = isinstance(value, (int, float)) and not isinstance(value, bool) and value < wanted
    return f"is less than {wanted}" if small else None


def _min_length(wanted: int, value: object) -> str | None:
    return "is empty" if isinstance(value, str) and len(value) < wanted else None


_SIMPLE: Mapping[str, Callable[[Any, Any], str | None]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "pattern": _pattern,
    "minimum": _minimum,
    "minLength": _min_length,
}


def _ref(wanted: str, value: object, path: _Path, defs: Mapping[str, Any]) -> Iterator[Misfit]:
    return _check(defs[wanted.removeprefix("#/$defs/")], value, path, defs)


def _properties(
    wanted: Mapping[str, Any], value: object, path: _Path, defs: Mapping[str, Any]
) -> Iterator[Misfit]:
    if isinstance(value, dict):
        for name, part in wanted.items():
            if name in value:
                yield from _check(part, value[name], (*path, name), defs)


def _additional(
    wanted: Mapping[str, Any], value: object, path: _Path, defs: Mapping[str, Any]
) -> Iterator[Misfit]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _check(wanted, item, (*path, name), defs)


def _items(
    wanted: Mapping[str, Any], value: object, path: _Path, defs: Mapping[str, Any]
) -> Iterator[Misfit]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check(wanted, item, (*path, index), defs)


def _any_of(
    wanted: list[Mapping[str, Any]], value: object, path: _Path, defs: Mapping[str, Any]
) -> Iterator[Misfit]:
    found = [list(_check(part, value, path, defs)) for part in wanted]
    if all(found):
        yield Misfit(path, "; and ".join(one[0].reason for one in found))


def _all_of(
    wanted: list[Mapping[str, Any]], value: object, path: _Path, defs: Mapping[str, Any]
) -> Iterator[Misfit]:
    for part in wanted:
        yield from _check(part, value, path, defs)


_NESTED: Mapping[str, Callable[[Any, Any, _Path, Any], Iterator[Misfit]]] = {
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any_of,
    "allOf": _all_of,
}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004  a message is one line
