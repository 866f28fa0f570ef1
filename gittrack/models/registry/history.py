"""What happened to a model, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.registry.records import Edited, Model, Moved


class Event(NamedTuple):
    """One thing that happened.

    Attributes:
        id: its place in the order.
        time: by the clock of its author's machine, milliseconds since the epoch.
        author: `Name <mail>`.
        what: `registered`, `promoted`, `demoted`, `tagged`, `noted` or `renumbered`.
        version: the number of the version, as it is now; None for the model itself, and where it is not here.
        alias: that was moved, empty for others.
        was: the number that the alias named before.
        text: message, tags or note.
        unaware: whether the author did not know of the move before this one: two were at it at once.
    """

    id: str
    time: int
    author: str
    what: str
    version: int | None
    alias: str = ""
    was: int | None = None
    text: str = ""
    unaware: bool = False

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {**self._asdict(), "time": iso(self.time)}


def events(model: Model) -> list[Event]:
    """Everything that happened to a model, in the order that counts."""
    registered = [
        Event(one.id, one.time, one.author, "registered", one.number, text=f"runs:/{one.run_id}/{one.path}")
        for one in model.versions
    ]
    edited = [event for one in model.edits for event in _edited(model, one)]
    return sorted([*registered, *_moved(model), *edited], key=lambda one: one.id)


def _moved(model: Model) -> Iterator[Event]:
    last: dict[str, Moved] = {}
    for one in model.moves:
        before = last.get(one.alias)
        yield Event(
            one.id,
            one.time,
            one.author,
            "demoted" if one.target is None else "promoted",
            _number(model, one.target),
            one.alias,
            None if before is None else _number(model, before.target),
            one.message,
            unaware=one.after != (before.id if before else ""),
        )
        last[one.alias] = one


def _edited(model: Model, one: Edited) -> Iterator[Event]:
    number = _number(model, one.target)
    head = (one.id, one.time, one.author)
    if one.number is not None:
        yield Event(*head, "renumbered", number, text=f"to {one.number}")
    if one.tags:
        words = [key if value is None else f"{key}={value}" for key, value in one.tags.items()]
        yield Event(*head, "tagged", number, text=", ".join(words))
    if one.note is not None:
        yield Event(*head, "noted", number, text=one.note)


def _number(model: Model, version_id: str | None) -> int | None:
    found = model.by_id(version_id)
    return None if found is None else found.number
