"""Reads the canonical form of `core.text` without a YAML parser.

Each line is one JSON value behind a key or a dash. The text is made into one JSON text by a handful of
replacements, with a secret between two lines, or at the begin of the key of a line: had a line held half
a value or two of them, the secrets would not be where they belong (inside of a text, the quote before the
next secret would end it, and the secret without quotes is not JSON). Whatever is not certain to mean the
same in YAML is refused and goes to libyaml.
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

_SECRET = "s" + os.urandom(5).hex()  # begins with a letter: without quotes it is no JSON
_NEXT = f',"{_SECRET}",'
_LINE_OF_LIST, _LINE_OF_MAPPING = "\n  - ", '\n  "'
_MARK = f"{_SECRET}."  # before the key of a line; the dot, as no line of a list can look like one
_KEY = f',"{_MARK}'
_MOST_NAMES = 4096
_GROWS = len(_KEY) - len(_LINE_OF_MAPPING)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # JSON joins two to one character, YAML does not
_LONG_INTEGER = re.compile(rb"-?[0-9]{19,}")
_TEXT = re.compile(rb'"(?:[^"\\\n]|\\.)*"')
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*"):(.*)')
_LINE = re.compile(r' *(?:[^\W]+|"(?:[^"\\]|\\.)*"|-):? ?(.*)')
_LONGEST_INTEGER = 20
# Digits become 9, brackets {, control characters but the newline 1: then three searches tell enough.
_CONTROLS = bytes({*range(32), 127} - {10})
_FORM = bytes.maketrans(b"0123456789[" + _CONTROLS, b"9" * 10 + b"{" + b"\1" * len(_CONTROLS))
_NINETEEN = b"9" * 19


def load_canonical(data: bytes) -> dict[str, Any]:
    """The document of a text in canonical form.

    What this accepts means the same to a YAML parser, or is refused by it.

    Raises:
        ValueError: it may be in another form.
    """
    form = data.translate(_FORM)
    if b"\1" in form or data[-1:] != b"\n":
        raise ValueError
    if _has_long_number(form):
        _check_integers(data)
    text = data[:-1].decode()
    if not text.isascii() and UNSAFE.search(text):
        raise ValueError
    if b"\\" in form and _SURROGATE.search(text):
        raise ValueError
    if form.count(b"{") > DEEPEST or (len(data) > LONGEST_KEY and _has_long_line(text)):
        _check_lines(text)
    marked = text.replace(_LINE_OF_MAPPING, _KEY)
    keys = (len(marked) - len(text)) // _GROWS
    return _assemble(marked.replace(_LINE_OF_LIST, _NEXT).split("\n"), keys)


def _assemble(chunks: list[str], keys: int) -> dict[str, Any]:
    """The document of its keys, each with its value or block.

    Args:
        chunks: the top of the document, a key each.
        keys: how many there are in its blocks.
    """
    parts = [chunk.partition(":") if chunk[:1] != '"' else _split_quoted(chunk) for chunk in chunks]
    values = [part[2] for part in parts]
    blocks = [number for number, value in enumerate(values) if value[:1] != " "]
    for number in blocks:
        values[number] = _as_json(values[number])
    found = _elements(orjson.loads(f"[{_NEXT.join(values)}]"))
    if len(found) != len(parts):  # a list below a value
        raise ValueError
    for number in blocks:
        block = found[number]
        if type(block) is dict:
            keys -= len(block)
            found[number] = dict(zip(map(_name, block), block.values(), strict=True))
        else:
            found[number] = _elements(block)
    if keys:  # one twice, or in a value
        raise ValueError
    return _named([part[0] for part in parts], found)


def _as_json(block: str) -> str:
    """A block as JSON: its lines as an object of marked keys, or as a list with secrets between them."""
    if block.startswith(_KEY):
        return f"{{{block[1:]}}}"
    if block.startswith(_NEXT):
        return f"[{block[len(_NEXT) :]}]"
    raise ValueError


def _split_quoted(chunk: str) -> tuple[str, str, str]:
    match = _QUOTED.match(chunk)
    if match is None:
        raise ValueError
    return match[1], ":", match[2]


def _elements(values: list[Any]) -> list[Any]:
    """What was between the secrets."""
    if len(values) > 1 and values[1::2] != [_SECRET] * (len(values) // 2):
        raise ValueError
    if not len(values) % 2:
        raise ValueError
    return values[::2]


class _Names(dict[str, str]):
    """Marked keys to keys: those of one run are mostly those of the next, and made once."""

    def __missing__(self, marked: str) -> str:
        if not marked.startswith(_MARK):  # a second key in its line
            raise ValueError
        if len(self) >= _MOST_NAMES:
            self.clear()
        name = self[marked] = marked[len(_MARK) :]
        return name


_name = _Names().__getitem__


def _named(names: list[str], values: list[Any]) -> dict[str, Any]:
    if not _are_plain(names):
        names = list(map(_unquoted, names))
    document = dict(zip(names, values, strict=True))
    if len(document) != len(names):
        raise ValueError
    return document


def _are_plain(names: list[str]) -> bool:
    """Whether all keys are made of letters, digits and underscores: they need no quotes in YAML."""
    together = "".join(names)
    return len(together) <= LONGEST_KEY and f"_{together}".isidentifier() and "" not in names


def _unquoted(name: str) -> str:
    if len(name) > LONGEST_KEY:
        raise ValueError
    if f"_{name}".isidentifier() and name:
        return name
    key = orjson.loads(name)
    if name[:1] != '"' or not isinstance(key, str):
        raise ValueError
    return key


def _has_long_number(form: bytes) -> bool:
    """Whether 19 digits in a row stand anywhere but behind a point."""
    at = form.find(_NINETEEN)
    while at >= 0:
        if form[at - 1 : at] != b".":
            return True
        at = form.find(_NINETEEN, at + len(_NINETEEN))
    return False


def _check_integers(data: bytes) -> None:
    """Refuse integers beyond 64 bits: orjson makes floats of them, YAML does not.

    Digests may have as many digits in a row: what is in quotes is no integer.
    """
    for match in _LONG_INTEGER.finditer(_TEXT.sub(b'""', data)):
        digits = match.group()
        if len(digits) > _LONGEST_INTEGER or not -(2**63) <= int(digits) < 2**64:
            raise ValueError


def _has_long_line(text: str) -> bool:
    """Whether there is a line of more than `LONGEST_KEY` characters."""
    start, last = 0, len(text) - LONGEST_KEY
    while start < last:
        end = text.rfind("\n", start, start + LONGEST_KEY + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _check_lines(text: str) -> None:
    """Refuse what YAML may: long keys, and more levels than `core.yaml_reader` takes."""
    for line in text.split("\n"):
        if line.count("{") + line.count("[") > DEEPEST:
            raise ValueError
        if len(line) > LONGEST_KEY:
            match = _LINE.fullmatch(line)
            if match is None or "{" in match[1] or match.start(1) > LONGEST_KEY:
                raise ValueError
