"""The words of a filter; pure."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from gittrack.core.errors import FilterError
from gittrack.store.index.values import bindable

LONGEST = 100_000  # characters of a filter
KEYWORDS = ("AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "IS", "NULL", "NAN", "TRUE", "FALSE")
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
    | (?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])|[-+](?:inf|infinity)\b)
    | (?P<word>[^\W\d][\w./@:-]*)
    | (?P<sign>==|!=|<>|<=|>=|=|<|>|\(|\)|,)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ELSEWHERE = {
    "&": "write AND",
    "|": "write OR",
    "!": "write NOT, or != between a field and a value",
    ";": "a filter is one expression: join its parts with AND or OR",
    "~": "write LIKE with % for anything: params.model LIKE 'res%'",
    "[": "write a list in parentheses: params.model IN ('cnn', 'mlp')",
    "%": "put texts in quotes: params.model LIKE 'res%'",
}

Sort = Literal["text", "quoted", "number", "word", "sign", "end"]


class Token(NamedTuple):
    """One word of a filter.

    Attributes:
        sort: `text` in single quotes, `quoted` in double quotes or backticks, `number`, `word`
            (names and keywords), `sign`, or the `end`.
        text: as it is written; for quoted ones what is between the quotes.
        position: offset of its first character.
        end: offset behind its last.
    """

    sort: Sort
    text: str
    position: int
    end: int

    @property
    def keyword(self) -> str:
        """The keyword or sign it is, in upper case; empty for anything else."""
        if self.sort == "sign":
            return self.text
        upper = self.text.upper()
        return upper if self.sort == "word" and upper in KEYWORDS else ""


def tokenize(text: str) -> list[Token]:
    """All words of a filter, the end as the last.

    Raises:
        FilterError: there is something that cannot be in a filter.
    """
    if len(text) > LONGEST:
        msg = f"the filter is longer than {LONGEST} characters"
        raise FilterError(msg, text, LONGEST, hint="select the runs by a tag, or in several steps")
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unknown(text, position)
        sort, found, position = str(match.lastgroup), match.group(), match.end()
        if sort != "space":
            tokens.append(Token(sort, _unquoted(sort, found), match.start(), position))  # type: ignore[arg-type]  # a group is a Sort
    return [*tokens, Token("end", "", len(text.rstrip()), len(text))]


def _unquoted(sort: str, found: str) -> str:
    if sort not in {"text", "quoted"}:
        return found
    quote = found[0]
    return bindable(found[1:-1].replace(quote * 2, quote))


def _unknown(text: str, position: int) -> FilterError:
    found = text[position]
    if found in "'\"`":
        msg = f"no closing {found}"
        return FilterError(msg, text, position, hint=f"a {found} within the text is written twice")
    if found.isdigit() or found in "+-.":
        word = re.split(r"[\s(),=<>]", text[position:], maxsplit=1)[0][:40]
        msg = f"not a number: {word}"
        return FilterError(msg, text, position, hint=f"put texts in quotes: '{word}'")
    msg = f"unexpected {found!r}"
    return FilterError(msg, text, position, hint=_ELSEWHERE.get(found, "put texts in quotes"))
