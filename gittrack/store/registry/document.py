"""The files of a model on the runs branch: value → path and content; pure. `reading` is the way back.

::

    .models/<name>/
        versions/<clock>-<random>.yaml          a version: written once
        aliases/<alias>/<clock>-<random>.yaml   the alias got a version, or lost it
        edits/<clock>-<random>.yaml             tags, a note, another number

No file is ever rewritten, so any two branches merge by the union of their files. What a model *is* follows
from all of them, see `fold`. Folders by alias, so that CODEOWNERS can say who approves of which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.core.ids import random_text
from gittrack.core.text import dump
from gittrack.core.times import iso
from gittrack.store.format.layout import Stamp, parse_stamp
from gittrack.store.registry.names import folder_name, is_alias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.store.registry.records import Edited, Moved, Version

ROOT = ".models"
LARGEST_FILE = 1 << 20
"""Bytes; a larger file is none of ours."""
VERSION, ALIAS, EDIT = "gittrack.version/1", "gittrack.alias/1", "gittrack.modeledit/1"
Kind = Literal["version", "alias", "modeledit"]
_LAST_CLOCK = 10**15 - 1
_SUFFIX = ".yaml"


class Place(NamedTuple):
    """Where a file belongs.

    Attributes:
        folder: of the model, below `.models`.
        kind: what it is.
        id: of the version, move or edit.
        alias: of a move, empty for others.
    """

    folder: str
    kind: Kind
    id: str
    alias: str = ""


def place_of(path: str) -> Place | None:
    """What a path on the runs branch is the place of, None where it is of nothing.

    `.models/churn/aliases/champion/x.yaml` → `Place("churn", "alias", "x", "champion")`.
    """
    parts = path.split("/")
    if len(parts) not in {4, 5} or parts[0] != ROOT or not parts[-1].endswith(_SUFFIX):
        return None
    stamp = parts[-1].removesuffix(_SUFFIX)
    if parse_stamp(stamp) is None:
        return None
    kinds: Mapping[tuple[str, int], Kind] = {("versions", 4): "version", ("edits", 4): "modeledit"}
    if (kind := kinds.get((parts[2], len(parts)))) is not None:
        return Place(parts[1], kind, stamp)
    if parts[2] == "aliases" and len(parts) == 5 and is_alias(parts[3]):  # noqa: PLR2004  see the example
        return Place(parts[1], "alias", stamp, parts[3])
    return None


def new_id(known: Iterable[str], now: int) -> str:
    """A name for what happens now, after everything known.

    Args:
        known: the ids of what happened to the model.
        now: milliseconds since the epoch.
    """
    clocks = [stamp.clock for stamp in map(parse_stamp, known) if stamp is not None]
    clock = min(max([now, *(clock + 1 for clock in clocks)]), _LAST_CLOCK)
    return Stamp(clock, random_text(10)).name  # random: a clone may register on two topics at once


def version_file(one: Version) -> tuple[str, bytes]:
    """Path and content of a version."""
    document: dict[str, Any] = {
        "schema": VERSION,
        "name": one.name,
        "version": one.number,
        "run_id": one.run_id,
        "path": one.path,
        "digest": one.digest,
        "size": one.size,
        "flavors": list(one.flavors),
        "signature": dict(one.signature or {}),
        "source": dict(one.source),
        "inputs": [dict(used) for used in one.inputs],
    }
    return _file(one.name, f"versions/{one.id}", document, one.time, one.author)


def alias_file(name: str, one: Moved, number: int | None) -> tuple[str, bytes]:
    """Path and content of a move of an alias; the number of the version is there for people."""
    document = {
        "schema": ALIAS,
        "name": name,
        "alias": one.alias,
        "version": number,
        "target": one.target,
        "after": one.after or None,
        "message": one.message or None,
    }
    if one.target is None:
        document["removed"] = True
    return _file(name, f"aliases/{one.alias}/{one.id}", document, one.time, one.author)


def edit_file(name: str, one: Edited) -> tuple[str, bytes]:
    """Path and content of a later change."""
    document = {
        "schema": EDIT,
        "name": name,
        "target": one.target or None,
        "version": one.number,
        "tags": dict(one.tags),
        "note": one.note,
    }
    return _file(name, f"edits/{one.id}", document, one.time, one.author)


def _file(name: str, within: str, document: Mapping[str, Any], time: int, author: str) -> tuple[str, bytes]:
    kept = {key: value for key, value in document.items() if value is not None and value not in ({}, [])}
    content = dump({**kept, "time": iso(time), "author": author})
    return f"{ROOT}/{folder_name(name)}/{within}{_SUFFIX}", content
