"""YAML and JSON: the one door to both.

gittrack writes a narrow YAML, the *canonical form*, that any YAML parser reads and that
:func:`load` reads 20 times faster than libyaml::

    schema: "gittrack.run/1"
    command:
      - "python"
    params:
      "lr": 0.1

Two levels of blocks, every scalar and every key of a block a JSON scalar, deeper values as one line of
JSON. Whatever is not
in this form, a file edited by hand for instance, goes to libyaml with the scalar rules of YAML 1.2's
core schema, so that `no` is text and `1e-3` a number in both readers.

JSON has no NaN and no infinities. Where a float is expected, the strings `"NaN"`, `"Infinity"` and
`"-Infinity"` stand for them (:func:`number_out`, :func:`number_in`), as in Protocol Buffers' JSON.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import orjson

from gittrack.core.canonical import DEEPEST, LONGEST_KEY, UNSAFE, load_canonical
from gittrack.core.errors import MalformedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
"""A JSON value. `Any`, because mypy's recursive alias makes every reader of JSON a cast."""

_BARE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def dump_json(value: Json) -> bytes:
    r"""Compact JSON, keys in the order given; NaN and infinities become null.

    Integers beyond 64 bits become text, because JSON readers make floats of them; lone surrogates
    become escapes as text (`\udc80`).

    Raises:
        TypeError: it holds something that JSON does not have.
        ValueError: it is nested deeper than 50 levels.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        return orjson.dumps(_tame(value, 0), option=orjson.OPT_NON_STR_KEYS)


def load_json(data: bytes | bytearray | memoryview | str) -> Json:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON.
    """
    return orjson.loads(data)


def number_out(value: float) -> float | str:
    """A float as JSON can say it."""
    if math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124  NaN test


def number_in(value: Json) -> float:
    """The float that :func:`number_out` wrote.

    Raises:
        ValueError: it is not a number.
    """
    if isinstance(value, str) and value in _NUMBERS:
        return _NUMBERS[value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    msg = f"not a number: {value!r}"
    raise ValueError(msg)


def dump(document: Mapping[str, Json]) -> bytes:
    """The canonical form of a document.

    Args:
        document: field names (lower-case identifiers) to JSON values. A non-empty mapping or list
            becomes a block, what is inside of those becomes one line each.

    Returns:
        UTF-8, ending in a newline. What JSON cannot say is said as in :func:`dump_json`, floats as in
        :func:`number_out`.

    Raises:
        TypeError: it holds something that JSON does not have, or a key that is not text.
        ValueError: it is nested deeper than 50 levels, or a key has more than 1000 characters.
    """
    lines: list[str] = []
    for key, value in document.items():
        if isinstance(value, dict) and value:
            lines.append(f"{_key(key)}:")
            lines += [f"  {_quoted_key(name)}: {_inline(item, 1)}" for name, item in value.items()]
        elif isinstance(value, (list, tuple)) and value:
            lines.append(f"{_key(key)}:")
            lines += [f"  - {_inline(item, 1)}" for item in value]
        else:
            lines.append(f"{_key(key)}: {_inline(value, 0)}")
    lines.append("")
    return "\n".join(lines).encode()


def load(data: bytes, *, where: str) -> dict[str, Json]:
    """The document in a YAML text.

    Args:
        data: UTF-8.
        where: the path, for messages.

    Raises:
        MalformedFile: it is not YAML, or not a mapping with text as keys, or it uses anchors or tags
            (nothing of ours does, and both are ways to attack a reader).
    """
    try:
        return load_canonical(data)
    except ValueError:
        return _load_any(data, where)


def _key(name: str) -> str:
    if _BARE.fullmatch(name) and name not in _RESERVED and len(name) <= LONGEST_KEY:
        return name
    quoted = _quote(name)
    if len(quoted) > LONGEST_KEY:
        msg = f"a key of {len(name)} characters: {name[:40]!r}..."
        raise ValueError(msg)
    return quoted


_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _quote(text: str) -> str:
    try:
        quoted = orjson.dumps(text).decode()
    except orjson.JSONEncodeError:
        quoted = orjson.dumps(_encodable(text)).decode()
    if not quoted.isprintable() and UNSAFE.search(quoted):
        return UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
    return quoted


def _encodable(text: str) -> str:
    """Text without lone surrogates: what Python makes of file names that are not UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def _inline(value: Json, depth: int) -> str:
    if isinstance(value, str):
        return _quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):  # the base class's repr: an IntEnum has another
        text = int.__repr__(value)
        return text if -(2**63) <= value < 2**64 else f'"{text}"'
    if isinstance(value, float):
        return _float(value)
    return _nested(value, depth)


def _nested(value: Json, depth: int) -> str:
    if depth >= DEEPEST:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, dict):
        items = [f"{_quoted_key(key)}: {_inline(item, depth + 1)}" for key, item in value.items()]
        return "{" + ", ".join(items) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([_inline(item, depth + 1) for item in value]) + "]"
    msg = f"not a JSON value: {type(value).__name__}"
    raise TypeError(msg)


def _quoted_key(key: Json) -> str:
    if not isinstance(key, str):
        msg = f"a key that is not text: {key!r}"
        raise TypeError(msg)
    name = _key(key)
    return name if name[0] == '"' else f'"{name}"'


def _float(value: float) -> str:
    if not math.isfinite(value):
        return f'"{number_out(value)}"'
    text = float.__repr__(value)  # a NumPy float has another repr
    # YAML 1.1 readers, PyYAML among them, take `1e-05` for text: the mantissa needs its point.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


_TOO_DEEP = f"nested deeper than {DEEPEST} levels"


def _tame(value: Json, depth: int) -> Json:
    """The value as :func:`dump_json` can say it."""
    if depth > DEEPEST:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return int.__repr__(value)
    if isinstance(value, dict):
        return {_tame(key, depth + 1): _tame(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tame(item, depth + 1) for item in value]
    return value


def _load_any(data: bytes, where: str) -> dict[str, Json]:
    from gittrack.core.yaml_reader import read_yaml  # PyYAML costs 15 ms and is hardly ever needed

    try:
        data.decode()
        document = read_yaml(data)
    except UnicodeDecodeError as error:
        raise MalformedFile(where, f"not UTF-8 at byte {error.start}") from error
    except ValueError as error:
        raise MalformedFile(where, str(error)) from error
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise MalformedFile(where, "not a mapping with text as keys")
    return document
