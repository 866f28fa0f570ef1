"""SPACE: what a param of a sweep may be, as it is written on a command line; pure.

::

    0.1,0.01,0.001          one of these; numbers, true, false and null are what they say
    adam, "a, b", 'x'       text, in quotes where it has a comma or a parenthesis, or looks like a number
    [64,64],[128]           lists and mappings in JSON
    choice(a, b)            the same as a,b
    range(5)                0,1,2,3,4; range(1,10,2) and range(0,1,0.25) as in Python: the end is left out
    uniform(0, 1)           any number between; loguniform(1e-5, 1e-1) evenly over the magnitudes
    int(1, 8)               any whole number, both ends included; logint(1, 1024) evenly over magnitudes
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from gittrack.launch.projects.project_values import nearest
from gittrack.launch.sweep.space import RANGES, SpaceError, between, one_of
from gittrack.tracking.scalars import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.sweep.space import Dimension, OneOf

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")
_BARE = re.compile(r"[^,]*")
_MOST = 1_000_000  # values of one range
_KINDS = ("choice", "range", *RANGES)


class Word(NamedTuple):
    """A value and where it stands.

    Attributes:
        value: JSON.
        position: offset in the text.
    """

    value: Any
    position: int


def parse(text: str, name: str = "") -> Dimension:
    """What a text says that a param may be.

    Args:
        text: see above.
        name: of the param, for messages.

    Raises:
        SpaceError: it does not parse; carries the text and the position.
    """
    return _Parser(text, name).space()


def parse_param(word: str) -> tuple[str, Dimension]:
    """`name=SPACE` as its parts.

    Raises:
        SpaceError: it is no such word.
    """
    name, equals, text = word.partition("=")
    if not equals or not name.strip():
        msg = f"{word[:60]!r} is no NAME=SPACE"
        raise SpaceError(msg, hint="write -P lr=0.1,0.01 or -P lr='loguniform(1e-5, 1e-1)'")
    return name.strip(), parse(text, name.strip())


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name

    def space(self) -> Dimension:
        if not self._text.strip():
            self.fail("there are no values", len(self._text), 'give it some: 0.1,0.01; an empty text is ""')
        call = _CALL.match(self._text)
        if call is None:
            return self._one_of(self._words(0, len(self._text)))
        kind = call[1]
        if kind not in _KINDS:
            hint = nearest(kind, _KINDS) or f"there is {', '.join(_KINDS)}"
            self.fail(f"no such space: {kind}(…)", call.start(1), f"{hint}; text with parentheses in quotes")
        end = len(self._text.rstrip()) - 1
        if self._text[end] != ")":
            closed = self._text.find(")")
            hint = "a space stands alone" if closed >= 0 else f"close the parenthesis: {kind}(…)"
            self.fail("`)` is not the last character", end + 1 if closed < 0 else closed + 1, hint)
        words = self._words(call.end(), end) if self._text[call.end() : end].strip() else []
        return self._call(kind, words, call.start(1))

    def _call(self, kind: str, words: list[Word], position: int) -> Dimension:
        if kind == "choice":
            return self._one_of(words)
        for word in words:
            if isinstance(word.value, bool) or not isinstance(word.value, (int, float)):
                self.fail(f"{kind} takes numbers", word.position, f"not {word.value!r:.40}")
        values = [word.value for word in words]
        if kind == "range":
            return self._range(values, position)
        try:
            return between(kind, values, self._name)
        except SpaceError as error:
            raise SpaceError(error.message, error.hint, self._text, position) from None

    def _range(self, ends: list[Any], position: int) -> OneOf:
        if not 1 <= len(ends) <= 3:  # noqa: PLR2004  as in Python
            self.fail("range takes one to three numbers", position, "range(5), range(1, 10), range(1, 10, 2)")
        start, stop, step = (0, ends[0], 1) if len(ends) == 1 else (*ends, 1)[:3]
        if not step:
            self.fail("the step of a range is not 0", position, "leave it out to count by one")
        values = _count(start, stop, step)
        if values is None:
            self.fail(
                f"that range has more than {_MOST:,} values", position, "`int` and `uniform` need no list"
            )
        if not values:
            self.fail("that range is empty", position, "the end is left out: range(1, 4) is 1,2,3")
        return one_of(values, self._name)

    def _one_of(self, words: list[Word]) -> OneOf:
        try:
            return one_of((word.value for word in words), self._name)
        except SpaceError as error:
            raise SpaceError(error.message, error.hint, self._text, 0) from None

    # ---- values

    def _words(self, start: int, end: int) -> list[Word]:
        return list(self._each(start, end))

    def _each(self, start: int, end: int) -> Iterator[Word]:
        position = start
        while True:
            while position < end and self._text[position].isspace():
                position += 1
            value, after = self._value(position, end)
            yield Word(value, position)
            while after < end and self._text[after].isspace():
                after += 1
            if after == end:
                return
            if self._text[after] != ",":
                self.fail("a comma is missing", after, "values stand between commas")
            position = after + 1

    def _value(self, position: int, end: int) -> tuple[Any, int]:
        first = self._text[position : position + 1] if position < end else ""
        if first and first in "'\"":
            closed = self._text.find(first, position + 1, end)
            if closed < 0:
                self.fail("the quote is not closed", position, f"end it with {first}")
            return self._text[position + 1 : closed], closed + 1
        if first and first in "[{":
            return self._json(position, end)
        found = _BARE.match(self._text, position, end)
        bare = found[0].rstrip() if found else ""
        if not bare:
            self.fail("a value is missing", position, 'an empty text is ""')
        for mark in "()\"'":
            if mark in bare:
                self.fail(f"{mark} within a value", position + bare.index(mark), _MARKS[mark in "()"])
        return typed(bare), position + len(bare)

    def _json(self, position: int, end: int) -> tuple[Any, int]:
        try:
            value, after = json.JSONDecoder().raw_decode(self._text[:end], position)
        except ValueError as error:
            where = getattr(error, "pos", position)
            self.fail("that is no JSON", where, 'lists look like [64,64], mappings like {"a": 1}')
        return value, after

    def fail(self, message: str, position: int, hint: str) -> NoReturn:
        """Raise what is wrong at a place."""
        what = f"{self._name}: {message}" if self._name else message
        raise SpaceError(what, hint, self._text, position)


_MARKS = {
    True: "a space stands alone, not in a list; text with parentheses goes in quotes",
    False: "a quote stands around a whole value",
}


def _count(start: float, stop: float, step: float) -> list[int | float] | None:
    """The values of a range, None where they are too many. Steps of 0.1 add up exactly."""
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        found = range(start, stop, step)
        return list(found) if len(found) <= _MOST else None
    try:
        first, last, each = (Decimal(repr(one)) for one in (start, stop, step))
        number = -(-(last - first) // each) if each else Decimal(0)
    except (InvalidOperation, ValueError):
        return []
    if (last - first) % each and (last - first) / each > 0:
        number = (last - first) // each + 1
    if number > _MOST:
        return None
    return [float(first + each * index) for index in range(max(0, int(number)))]
