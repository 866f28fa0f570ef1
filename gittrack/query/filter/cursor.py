"""Going through the words of a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gittrack.core.errors import FilterError
from gittrack.query.filter.tokens import tokenize

if TYPE_CHECKING:
    from gittrack.query.filter.tokens import Token


class Cursor:
    """A place in the words of one text.

    Args:
        text: the filter.

    Raises:
        FilterError: there is something in it that cannot be in a filter.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._at = 0

    @property
    def peek(self) -> Token:
        """The word here."""
        return self._tokens[self._at]

    def next(self) -> Token:
        """The word here, and go on."""
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def take(self, keyword: str) -> bool:
        """Whether this keyword or sign is here; go on if so."""
        if self.peek.keyword != keyword:
            return False
        self._at += 1
        return True

    def expect(self, sign: str, hint: str, *, opened: Token | None = None) -> Token:
        """Go on behind a sign that has to be here; `opened`: the parenthesis that it closes."""
        token = self.peek
        if not self.take(sign):
            if token.sort == "end" and opened is not None:
                self.fail(opened, f"no closing {sign}", hint)
            self.fail(token, f"{sign} comes here", hint)
        return token

    def fail(self, token: Token, message: str, hint: str, cause: Exception | None = None) -> NoReturn:
        """Raise the error that the word is wrong."""
        raise FilterError(message, self.text, token.position, hint) from cause
