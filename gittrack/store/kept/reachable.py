"""Every content that something names, the files of directories included."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import SCHEMA
from gittrack.artifacts.remote_objects import name_of
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.store.kept.fetching import fetch
from gittrack.store.kept.references import everything

if TYPE_CHECKING:
    from collections.abc import Collection

    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.references import Named

_HEAD = f'{{"schema":"{SCHEMA.partition("/")[0]}/'.encode()


class ManifestMissing(GitTrackError):
    """The files of a directory that a run names are not known, so none can be told to be of no use."""


def reachable(kept: Kept, present: Collection[str], *, lost: bool, local: bool) -> set[str]:
    """Every digest that something names, the files of directories included.

    Args:
        kept: what is here, and the store.
        present: what is in the store that is cleaned.
        lost: whether a manifest that is nowhere lists nothing any more.
        local: whether it is the local store that is cleaned; then only what is at hand is asked.

    Raises:
        ManifestMissing: the files of a directory cannot be known.
        StoreError: as for `collect_here`.
    """
    named = everything(kept.store.git)
    directories = [one for one in named.values() if one.kind == "directory"]
    fetch(kept, [], [one.sha256 for one in directories], deep=False)
    found = set(named)
    for one in directories:
        found |= _listed(kept, one, lost=lost)
    for one in named.values():
        if (
            one.kind == "unknown"
            and one.sha256 in present
            and _may_be_manifest(kept, one.sha256, local=local)
        ):
            fetch(kept, [one.sha256])
            found |= _listed(kept, one, lost=False)
    return found


def _listed(kept: Kept, one: Named, *, lost: bool) -> set[str]:
    try:
        members = kept.manifest(one.sha256)
    except MalformedFile as error:
        msg = f"the files of a directory cannot be known ({one.shown}): {error.message}"
        raise ManifestMissing(
            msg, hint="nothing was removed; `gittrack artifacts verify` looks closer"
        ) from error
    if members is not None:
        return {member.sha256 for member in members}
    if lost:
        return set()
    msg = f"the files of a directory cannot be known ({one.shown}): its manifest {one.sha256} is nowhere"
    raise ManifestMissing(
        msg, hint="nothing was removed; push it from where it is, or say --lost if it is gone for good"
    )


def _may_be_manifest(kept: Kept, sha256: str, *, local: bool) -> bool:
    path = kept.find(sha256)
    if path is not None:
        with path.open("rb") as file:
            return file.read(len(_HEAD)) == _HEAD
    if local:
        return False
    head = b""
    with contextlib.closing(kept.remote.remote.stream(name_of(sha256))) as chunks:
        for chunk in chunks:
            head += chunk
            if len(head) >= len(_HEAD):
                break
    return head.startswith(_HEAD)
