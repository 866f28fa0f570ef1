"""YAML and JSON: the one door to both.

gittrack writes a narrow YAML, the *canonical form*, that any YAML parser reads and that
:func:`load` reads 20 times faster than libyaml::

    schema: "gittrack.run/1"
    command:
      - "python"
    params:
      "lr": 0.1

Two levels of blocks, every scalar a JSON scalar, deeper values as one line of JSON. Whatever is not
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

from gittrack.core.errors import MalformedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
"""A JSON value. `Any`, because mypy's recursive alias makes every reader of JSON a cast."""

# What YAML does not allow unescaped in a double-quoted scalar, or would fold as a line break.
_YAML_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_BARE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def dump_json(value: Json) -> bytes:
    """Compact JSON, keys in the order given; NaN and infinities become null."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


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
        UTF-8, ending in a newline.
    """
    lines: list[str] = []
    for key, value in document.items():
        if isinstance(value, dict) and value:
            lines.append(f"{key}:")
            lines += [f"  {_key(name)}: {_inline(item)}" for name, item in value.items()]
        elif isinstance(value, (list, tuple)) and value:
            lines.append(f"{key}:")
            lines += [f"  - {_inline(item)}" for item in value]
        else:
            lines.append(f"{key}: {_inline(value)}")
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
        return _load_canonical(data.decode())
    except UnicodeDecodeError as error:
        raise MalformedFile(where, f"not UTF-8 at byte {error.start}") from error
    except ValueError:
        return _load_any(data, where)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) and name not in _RESERVED else _quote(name)


_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _quote(text: str) -> str:
    try:
        quoted = orjson.dumps(text).decode()
    except orjson.JSONEncodeError:  # lone surrogates: orjson refuses them
        quoted = orjson.dumps(text.encode(errors="replace").decode()).decode()
    if _YAML_UNSAFE.search(quoted):
        return _YAML_UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
    return quoted


def _inline(value: Json) -> str:
    if isinstance(value, str):
        return _quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quote(str(key))}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    msg = f"not a JSON value: {type(value).__name__}"
    raise TypeError(msg)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return f'"{number_out(value)}"'
    text = repr(value)
    # YAML 1.1 readers, PyYAML among them, take `1e-05` for text: the mantissa needs its point.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _load_canonical(text: str) -> dict[str, Json]:
    """Rewrite the canonical form as one JSON text and let orjson parse it.

    Raises:
        ValueError: the text is in another form. The counts of keys tell a line that would smuggle in
            a second one.
    """
    if not text.endswith("\n") or "\t" in text or "\r" in text:
        raise ValueError
    blocks: list[tuple[str, list[str]]] = []
    members: list[str] = []
    inner: list[str] | None = None
    for line in text[:-1].split("\n"):
        if line.startswith("  "):
            if inner is None:
                raise ValueError
            inner.append(_member(line[2:]))
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.isidentifier():
            raise ValueError
        if value:
            if value[0] != " " or value[1:2] in {"", " ", "{", "["} and value not in {" {}", " []"}:
                raise ValueError
            members.append(f'"{name}":{value}')
            inner = None
        else:
            inner = []
            blocks.append((name, inner))
            members.append(name)
    return _assemble(members, dict(blocks), len(blocks))


def _member(line: str) -> str:
    first = line[:1]
    if first in {'"', "-"}:
        return line
    name, colon, value = line.partition(": ")
    if not colon or not name.isidentifier():
        raise ValueError
    return f'"{name}": {value}'


def _assemble(members: list[str], blocks: dict[str, list[str]], count: int) -> dict[str, Json]:
    if len(blocks) != count:
        raise ValueError
    for position, member in enumerate(members):
        if member in blocks:
            lines = blocks[member]
            if not lines:
                raise ValueError
            if lines[0][0] == "-":
                if not all(line.startswith("- ") for line in lines):
                    raise ValueError
                members[position] = f'"{member}":[{",".join([line[2:] for line in lines])}]'
            else:
                members[position] = f'"{member}":{{{",".join(lines)}}}'
    document = orjson.loads("{" + ",".join(members) + "}")
    if len(document) != len(members):
        raise ValueError
    for name, lines in blocks.items():
        if len(document[name]) != len(lines):
            raise ValueError
    return document  # type: ignore[no-any-return]  # a JSON object, by construction


def _load_any(data: bytes, where: str) -> dict[str, Json]:
    from gittrack.core.yaml_reader import read_yaml  # PyYAML costs 15 ms and is hardly ever needed

    try:
        document = read_yaml(data)
    except ValueError as error:
        raise MalformedFile(where, str(error)) from error
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise MalformedFile(where, "not a mapping with text as keys")
    return document
