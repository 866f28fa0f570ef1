"""What a merge of two clones' registries asks for: numbers written down, and races told; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.store.registry.records import Model, Moved


def unclaimed(model: Model, wanted: Mapping[str, int]) -> dict[str, int]:
    """Id to number of the versions that do not claim the number that they should have."""
    return {one: number for one, number in wanted.items() if model.claims.get(one) != number}


def wanted_numbers(mine: Model, published: Model, both: Model) -> dict[str, int]:
    """Id to number after a merge: what is published keeps its number, the rest keeps its own if it can.

    Args:
        mine: the model as this clone had it.
        published: as the other side has it.
        both: after the merge.
    """
    found = {one.id: one.number for one in published.versions}
    own = {one.id: one.number for one in mine.versions}
    taken, late = set(found.values()), []
    for one in both.versions:
        if one.id in found:
            continue
        number = own.get(one.id, one.number)
        if number in taken:
            late.append(one.id)
        else:
            found[one.id] = number
            taken.add(number)
    highest = max(found.values(), default=0)
    return found | {version_id: number for number, version_id in enumerate(sorted(late), highest + 1)}


def renumbered(mine: Model, wanted: Mapping[str, int], side: str) -> list[str]:
    """What is to be said of versions that got another number, one line each.

    Args:
        mine: the model as one side had it.
        wanted: id to number.
        side: what that side is called.
    """
    return [
        f"model {one.name}: version {one.number} of {side} (run {one.run_id}) is version {wanted[one.id]} "
        f"now: there is another {one.number}"
        for one in mine.versions
        if wanted.get(one.id, one.number) != one.number
    ]


def races(mine: Model, published: Model, both: Model, side: str) -> list[str]:
    """What is to be said of aliases that both sides moved without knowing of each other, one line each."""
    lines = []
    for alias in sorted({one.alias for one in both.moves}):
        ours, theirs = _new(mine, published, alias), _new(published, mine, alias)
        if ours is None or theirs is None or ours.target == theirs.target:
            continue
        last = both.last_move(alias)
        holds, loses = (ours, theirs) if last is not None and last.id == ours.id else (theirs, ours)
        lines.append(
            f"model {both.name}: {alias} was moved on both sides: {_said(both, holds)} holds, the earlier "
            f"{_said(both, loses)}{f' (of {side})' if loses is ours else ''} does not"
        )
    return lines


def _new(one: Model, other: Model, alias: str) -> Moved | None:
    """The last move of an alias on one side that the other had not."""
    seen = {move.id for move in other.moves}
    return next((move for move in reversed(one.moves) if move.alias == alias and move.id not in seen), None)


def _said(model: Model, move: Moved) -> str:
    target = model.by_id(move.target)
    what = "its removal" if move.target is None else f"version {target.number if target else '?'}"
    return f"{what} by {move.author} at {iso(move.time)}"
