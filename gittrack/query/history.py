"""What happened to a run after and while it was recorded, in order; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core import events
from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gittrack.core.records import Run
    from gittrack.store.format.layout import Edited

Kind = Literal["start", "end", "tag", "note", "rename", "delete", "restore", "change"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a run.

    Attributes:
        time: milliseconds since the epoch.
        author: who did it, None for the run itself.
        kind: what it was.
        key: of the tag, empty otherwise.
        before: the value before, None where there was none.
        after: the value after, None where it was removed.
    """

    time: int
    author: str | None
    kind: Kind
    key: str = ""
    before: Any = None
    after: Any = None

    def as_json(self) -> dict[str, Any]:
        """`{time, author, kind, key, before, after}`, time as ISO 8601."""
        return {
            "time": iso(self.time),
            "author": self.author,
            "kind": self.kind,
            "key": self.key or None,
            "before": self.before,
            "after": self.after,
        }


def history(first: Run, edited: Iterable[Edited], attempts: Sequence[Run] = ()) -> list[Happening]:
    """All that happened, in the order in which it counts.

    Where two people changed the same thing apart from each other, both changes are there: the later
    one has the other's value as what was before.

    Args:
        first: the run as its first attempt left it.
        edited: later changes, in the order of their stamps.
        attempts: later attempts, in order.
    """
    happened = list(_stretch(first, 1))
    for number, attempt in enumerate(attempts, 2):
        happened += _stretch(attempt, number)
    state = first
    changes: list[Happening] = []
    for one in edited:
        for edit in one.edits:
            changes += _changes(state, edit, one)
            state = events.apply(state, edit)
    return sorted(happened, key=lambda one: one.time) + changes


def _stretch(run: Run, number: int) -> Iterable[Happening]:
    yield Happening(run.start_time, None, "start", after=number)
    if run.end_time is not None:
        yield Happening(run.end_time, None, "end", after=run.status)


def _changes(state: Run, edit: events.Edit, one: Edited) -> Iterable[Happening]:
    match edit:
        case events.TagsSet(tags=tags):
            for key, value in tags.items():
                yield Happening(one.time, one.author, "tag", key, state.tags.get(key), value)
        case events.Noted(note=note):
            yield Happening(one.time, one.author, "note", "", state.note or None, note or None)
        case events.Renamed(name=name):
            yield Happening(one.time, one.author, "rename", "", state.name or None, name or None)
        case events.Deleted():
            yield Happening(one.time, one.author, "delete")
        case events.Restored():
            yield Happening(one.time, one.author, "restore")
        case events.Judged():  # its tags say it in a word
            return
        case _:
            yield Happening(one.time, one.author, "change")
