"""Reads the canonical form of `core.text` without a YAML parser.

Each line is one JSON value behind a key or a dash, so the values of all lines are parsed in one call,
as a JSON list, with a secret between two lines: had a line held half a value or two of them, the
secrets would not be where they belong. Whatever is not certain to mean the same in YAML is refused
and goes to libyaml.
"""

from __future__ import annotations

import os
import re
from typing import Any

import orjson

# What YAML does not allow unescaped in a double-quoted scalar, or would fold as a line break.
UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
LONGEST_KEY = 1000
"""YAML allows 1024 characters for a key in one line."""
DEEPEST = 50
"""Levels of nesting."""

_SECRET = os.urandom(8).hex()
_BETWEEN = f',\n"{_SECRET}",\n'
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # JSON joins two to one character, YAML does not
_LONG = re.compile(rb"-?[0-9]{19,}")
_TEXT = re.compile(rb'"(?:[^"\\\n]|\\.)*"')
_QUOTED_KEY = re.compile(r'("(?:[^"\\]|\\.)*"): (.*)')
_LONGEST_INTEGER = 20
# Digits become 9, brackets {, control characters but the newline 1: then three searches tell enough.
_CONTROLS = bytes({*range(32), 127} - {10})
_FORM = bytes.maketrans(b"0123456789[" + _CONTROLS, b"9" * 10 + b"{" + b"\1" * len(_CONTROLS))
_NINETEEN = b"9" * 19
_INDENT = "\0"  # stands for a newline and the indentation of a block: the text has no other

_Part = tuple[str, int, "list[str] | None"]


def load_canonical(data: bytes) -> dict[str, Any]:
    """The document of a text in canonical form.

    Raises:
        ValueError: it may be in another form.
    """
    form = data.translate(_FORM)
    if b"\1" in form or not data.endswith(b"\n"):
        raise ValueError
    if _NINETEEN in form:
        _check_integers(data)
    text = data.decode()
    if not text.isascii() and UNSAFE.search(text):
        raise ValueError
    if "\\u" in text and _SURROGATE.search(text):
        raise ValueError
    entries, parts = _split(text)
    if form.count(b"{") > DEEPEST or max(map(len, entries)) > LONGEST_KEY:
        _check_nesting(entries)
    return _assemble(_parse(entries), parts)


def _split(text: str) -> tuple[list[str], list[_Part]]:
    """The values of all lines, and which belong to which key.

    Returns:
        The JSON texts, and for each key of the document its name, where its values end, and the names
        inside of its block: none for a list, None where there is no block.
    """
    entries: list[str] = []
    parts: list[_Part] = []
    for chunk in text[:-1].replace("\n  ", _INDENT).split("\n"):
        names: list[str] | None = None
        if _INDENT in chunk:
            name, _, body = chunk.partition(_INDENT)
            if name[-1:] != ":":
                raise ValueError
            name = name[:-1]
            names = _split_block(body, entries)
        else:  # without a colon the value is empty, which is not JSON
            name, _, value = chunk.partition(": ")
            entries.append(value)
        parts.append((name, len(entries), names))
    if not _are_plain([part[0] for part in parts]):
        parts = [(_unquoted(name), stop, names) for name, stop, names in parts]
    return entries, parts


def _split_block(body: str, entries: list[str]) -> list[str]:
    if body[:2] == "- ":
        entries += body[2:].split(_INDENT + "- ")
        return []
    lines = body.split(_INDENT)
    pairs = [line.partition(": ") for line in lines]
    names = [pair[0] for pair in pairs]
    if not _are_plain(names):
        pairs = [_quoted_pair(*pair) for pair in pairs]
        names = [pair[0] for pair in pairs]
    entries += [pair[2] for pair in pairs]
    return names


def _are_plain(names: list[str]) -> bool:
    """Whether all keys are made of letters, digits and underscores: they need no quotes in YAML."""
    together = "".join(names)
    return len(together) <= LONGEST_KEY and f"_{together}".isidentifier() and "" not in names


def _quoted_pair(name: str, colon: str, value: str) -> tuple[str, str, str]:
    """A line whose key is quoted, split at its first colon, split where the key ends."""
    if name[:1] != '"' or (len(name) > 1 and name[-1] == '"' and "\\" not in name):
        return _unquoted(name), colon, value
    match = _QUOTED_KEY.match(name + colon + value)
    if not match:
        raise ValueError
    return _unquoted(match[1]), colon, match[2]


def _unquoted(name: str) -> str:
    if len(name) > LONGEST_KEY:
        raise ValueError
    if name.isidentifier():
        return name
    key = orjson.loads(name)
    if name[:1] != '"' or not isinstance(key, str):
        raise ValueError
    return key


def _parse(entries: list[str]) -> list[Any]:
    values: list[Any] = orjson.loads(f"[{_BETWEEN.join(entries)}]")
    if values[1::2] != [_SECRET] * (len(entries) - 1):
        raise ValueError
    values = values[::2]
    if len(values) != len(entries):
        raise ValueError
    return values


def _assemble(values: list[Any], parts: list[_Part]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    start = 0
    for name, stop, names in parts:
        if names is None:
            document[name] = values[start]
        elif names:
            document[name] = block = dict(zip(names, values[start:stop], strict=True))
            if len(block) != len(names):
                raise ValueError
        else:
            document[name] = values[start:stop]
        start = stop
    if len(document) != len(parts):
        raise ValueError
    return document


def _check_integers(data: bytes) -> None:
    """Refuse integers beyond 64 bits: orjson makes floats of them, YAML does not.

    Digests may have as many digits in a row: what is in quotes is no integer.
    """
    for match in _LONG.finditer(_TEXT.sub(b'""', data)):
        digits = match.group()
        if len(digits) > _LONGEST_INTEGER or not -(2**63) <= int(digits) < 2**64:
            raise ValueError


def _check_nesting(entries: list[str]) -> None:
    """Refuse what YAML may: long keys, and more levels than `core.yaml_reader` takes."""
    for entry in entries:
        if entry.count("{") + entry.count("[") > DEEPEST:
            raise ValueError
        if len(entry) > LONGEST_KEY and "{" in entry:
            raise ValueError
