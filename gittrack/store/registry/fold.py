"""What a model is, from its files; pure.

The same set of files gives the same model, whatever merged them in which order.

*Order.* Everything happens in the order of its id: a clock (milliseconds, made to rise above all that its
writer knew), then random characters. The last move of an alias counts.

*Numbers.* A version claims the next free number when it is registered; an edit may give it another. Two
clones may claim one number: of two versions with the same claim the earlier keeps it, the others come after
the highest claim, in their order. That holds until `settle` writes down who has which number: numbers that
are published stay as they are.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from gittrack.core.errors import MalformedFile
from gittrack.store.registry.document import place_of
from gittrack.store.registry.reading import READ
from gittrack.store.registry.records import Edited, Model, Moved, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def fold(name: str, files: Mapping[str, bytes]) -> Model:
    """The model that files make.

    Args:
        name: of the model, or of its folder where no file tells.
        files: path on the branch to content; a file that cannot be read is left out and named.
    """
    kept: dict[type, list[Any]] = {Version: [], Moved: [], Edited: []}
    problems = []
    for path in sorted(files):
        place = place_of(path)
        if place is None:
            continue
        try:
            one = READ[place.kind](path, place, files[path])
        except MalformedFile as error:
            problems.append(error.message)
        else:
            kept[type(one)].append(one)
    return _made(name, kept[Version], _ordered(kept[Moved]), _ordered(kept[Edited]), tuple(problems))


def _ordered(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda one: one.id)


def claims(versions: Iterable[Version], edits: Iterable[Edited]) -> dict[str, int]:
    """Id to the number that each version claims by its last word."""
    found = {one.id: one.number for one in versions}
    found |= {one.target: one.number for one in edits if one.number is not None and one.target in found}
    return found


def numbers(claimed: Mapping[str, int]) -> dict[str, int]:
    """Id to number, each number once; see above."""
    taken: dict[int, str] = {}
    late = []
    for version_id, number in sorted(claimed.items(), key=lambda item: (item[1], item[0])):
        if number in taken:
            late.append(version_id)
        else:
            taken[number] = version_id
    highest = max(taken, default=0)
    taken |= dict(enumerate(late, highest + 1))
    return {version_id: number for number, version_id in taken.items()}


def _made(
    name: str, versions: list[Version], moves: list[Moved], edits: list[Edited], problems: tuple[str, ...]
) -> Model:
    claimed = claims(versions, edits)
    number = numbers(claimed)
    holders = {one.alias: one.target for one in moves}
    aliases = {alias: number[target] for alias, target in sorted(holders.items()) if target in number}
    made = []
    for one in sorted(versions, key=lambda one: number[one.id]):
        tags, note = _noted([edit for edit in edits if edit.target == one.id])
        own = tuple(alias for alias, target in sorted(holders.items()) if target == one.id)
        changed = {"number": number[one.id], "tags": tags, "note": note, "aliases": own}
        made.append(dataclasses.replace(one, **cast("Any", changed)))
    tags, note = _noted([edit for edit in edits if not edit.target])
    shown = made[0].name if made else name
    return Model(shown, tuple(made), aliases, tuple(moves), tuple(edits), tags, note, problems, claimed)


def _noted(edits: Iterable[Edited]) -> tuple[dict[str, str], str]:
    tags: dict[str, str | None] = {}
    note = ""
    for one in edits:
        tags |= one.tags
        note = note if one.note is None else one.note
    return {key: value for key, value in tags.items() if value is not None}, note
