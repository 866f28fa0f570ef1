"""Names of fields, suggested while a filter is typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.suggester import Suggester

from gittrack.query.filter.fields import ATTRIBUTES

if TYPE_CHECKING:
    from gittrack.store.index.reader import Index, Kind

_WORD = re.compile(r"[\w.]+$")
_PLAIN = re.compile(r"[\w./@:-]+")


class FieldSuggester(Suggester):
    """Goes on with the name that was begun at the end of the text.

    Args:
        index: knows the names.
    """

    def __init__(self, index: Index) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._index = index
        self._names: list[str] = []

    def learn(self) -> None:
        """Read the names; not in the thread of the screen."""
        kinds: tuple[Kind, ...] = ("metrics", "params", "tags")
        keys = [f"{kind}.{key}" for kind in kinds for key in self._index.keys(kind) if _PLAIN.fullmatch(key)]
        self._names = [*keys, *ATTRIBUTES]

    async def get_suggestion(self, value: str) -> str | None:
        """The text with the most used name that goes on so."""
        match = _WORD.search(value)
        if match is None or len(match[0]) < 2 or value.count("'") % 2:  # noqa: PLR2004  one letter says little
            return None
        found = next((name for name in self._names if name.startswith(match[0]) and name != match[0]), None)
        return None if found is None else value[: match.start()] + found
