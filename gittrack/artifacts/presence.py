"""Which of some objects are in a store.

A few are asked for one by one, many are found in a listing: of the whole store where that is one flat
listing, of the folders concerned otherwise. A listing that turns out to be much longer than what is
looked for is given up.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gittrack.artifacts.crew import each

if TYPE_CHECKING:
    from collections.abc import Collection

    from gittrack.artifacts.remote import Entry
    from gittrack.artifacts.remote_objects import RemoteObjects

_FEW = 32  # objects that are asked for one by one
_LISTED = 100  # entries of a listing that cost as much as asking for one object, at the very least


def present(store: RemoteObjects, wanted: Collection[str], jobs: int) -> dict[str, Entry]:
    """Those that are there.

    Args:
        store: where.
        wanted: digests.
        jobs: how many requests to have under way at once.
    """
    if len(wanted) <= _FEW:
        return _one_by_one(store, wanted, jobs)
    if not store.remote.flat:
        return _folders(store, wanted, jobs)
    listing = store.list()
    found = {sha256: entry for sha256, entry in islice(listing, _LISTED * len(wanted)) if sha256 in wanted}
    if next(listing, None) is not None:
        found |= _one_by_one(store, set(wanted) - found.keys(), jobs)
    return found


def _one_by_one(store: RemoteObjects, wanted: Collection[str], jobs: int) -> dict[str, Entry]:
    found: dict[str, Entry] = {}

    def look(sha256: str) -> None:
        entry = store.stat(sha256)
        if entry is not None:
            found[sha256] = entry

    each(sorted(wanted), look, jobs)
    return found


def _folders(store: RemoteObjects, wanted: Collection[str], jobs: int) -> dict[str, Entry]:
    found: dict[str, Entry] = {}

    def look(folder: str) -> None:
        found.update((sha256, entry) for sha256, entry in store.list(folder) if sha256 in wanted)

    each(sorted({sha256[:2] for sha256 in wanted}), look, jobs)
    return found
