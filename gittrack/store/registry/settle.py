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
    """What is to be said of aliases that were moved by somebody who did not know of the move before.

    Args:
        mine: the model as one side had it; what it knew already is not told again.
        published: as the other side has it.
        both: after the merge.
        side: what the first is called.
    """
    lines = []
    for alias in sorted({one.alias for one in both.moves}):
        holds = both.last_move(alias)
        known = _known_to(both, holds)
        for model, whose in ((mine, f" (of {side})"), (published, "")):
            lost = model.last_move(alias)
            if lost is None or holds is None or lost.id in known or lost.target == holds.target:
                continue
            if model is mine or lost.id not in mine.ids:
                lines.append(
                    f"model {both.name}: {alias} was moved on both sides: {_said(both, holds)} holds, "
                    f"the earlier {_said(both, lost)}{whose} does not"
                )
    return lines


def _known_to(model: Model, move: Moved | None) -> set[str]:
    """The ids of a move and of all moves that its author knew of."""
    by_id = {one.id: one for one in model.moves}
    found: set[str] = set()
    while move is not None and move.id not in found:
        found.add(move.id)
        move = by_id.get(move.after)
    return found


def _said(model: Model, move: Moved) -> str:
    target = model.by_id(move.target)
    what = "its removal" if move.target is None else f"version {target.number if target else '?'}"
    return f"{what} by {move.author} at {iso(move.time)}"
