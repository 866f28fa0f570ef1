"""The runs that several RUNs and FILTERs name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gittrack.core.errors import RunNotFound
from gittrack.query.search import search
from gittrack.query.select import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

_FILTER = re.compile(r"[=<>]|\s(?:in|like|ilike|is|not)\s", re.IGNORECASE)


def is_filter(word: str) -> bool:
    """Whether a word reads like a FILTER."""
    return _FILTER.search(word) is not None


def chosen(store: RunStore, words: Iterable[str]) -> list[Run]:
    """The runs that RUNs and FILTERs name, each once, in that order; of a filter the oldest first.

    Args:
        store: where to look.
        words: what was written.

    Raises:
        RunNotFound, AmbiguousRun: a word names no run, or more than one; or no run matches.
        FilterError: a filter does not parse.
    """
    runs: dict[str, Run] = {}
    for word in words:
        runs |= {run.id: run for run in _of(store, word)}
    if not runs:
        msg = "no run matches"
        raise RunNotFound(msg, hint="`gittrack ls` shows what there is")
    return list(runs.values())


def _of(store: RunStore, word: str) -> list[Run]:
    if is_filter(word):  # a name may read like one, but then no filter matches what a name does not
        try:
            return [resolve(store, word)]
        except RunNotFound:
            return search(store, word, limit=None)[::-1]
    return [resolve(store, word)]
