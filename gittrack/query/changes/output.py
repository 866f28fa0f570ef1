"""Where the captured output of two runs differs for the first time; pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

_SHOWN = 5
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class OutputDiff:
    """The first lines in which two outputs differ.

    Attributes:
        line: number of the first of them, from 1; None where the outputs are the same or one is missing.
        before: lines of the first run from there on, at most 5; empty where it ended.
        after: the same of the second.
        differing: how many lines differ, place by place.
        missing: why they cannot be compared, None when they were.
    """

    line: int | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    differing: int = 0
    missing: str | None = None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {
            "line": self.line,
            "before": list(self.before),
            "after": list(self.after),
            "differing": self.differing,
            "missing": self.missing,
        }


def first_difference(before: bytes, after: bytes) -> OutputDiff:
    """Hold two outputs against each other line by line.

    Of a line that was written over (a progress bar) what stood last counts; colours do not.
    """
    old, new = _lines(before), _lines(after)
    places = [place for place, pair in enumerate(zip_longest(old, new)) if pair[0] != pair[1]]
    if not places:
        return OutputDiff()
    first = places[0]
    last = first + 1
    while last - first < _SHOWN and last in places[: _SHOWN + 1]:
        last += 1
    left, right = (tuple(line[:_LONGEST] for line in lines[first:last]) for lines in (old, new))
    return OutputDiff(first + 1, left, right, differing=len(places))


def _lines(data: bytes) -> list[str]:
    import re

    text = re.sub("\x1b\\[[0-9;]{0,40}m", "", data.decode(errors="replace"))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return lines[:-1] if lines and not lines[-1] else lines
