"""What `gittrack doctor` found, as a value."""

from __future__ import annotations

from typing import Literal

from gittrack.core.value import dataclass

Level = Literal["ok", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: which check says so.
        level: `ok`, `info` (worth knowing), `warning` (something is left over, or partly
            unreadable), `error` (something does not work).
        what: one line.
        hint: what to do about it, None where nothing is to be done.
        repair: name of what `gittrack doctor --repair` does about it, None where that is for people.
    """

    check: str
    level: Level
    what: str
    hint: str | None = None
    repair: str | None = None

    @property
    def repairable(self) -> bool:
        """Whether `repair` does something about it."""
        return self.repair is not None


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 run`, `3 runs`, `2,000 runs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def first(names: list[str], shown: int = 3) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")
