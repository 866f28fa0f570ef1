"""The files of a model, read again and held against what the run and the registry say of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import encode
from gittrack.core.errors import GitTrackError
from gittrack.models.digest import members_of
from gittrack.models.provenance.links import Link
from gittrack.store.kept.places import Kept
from gittrack.store.registry.content import content_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.artifacts.content import Moved
    from gittrack.artifacts.manifest import Member
    from gittrack.models.provenance.located import Located

_NAMED = 3


def hashed(found: Located, moved: Moved | None = None) -> tuple[Member, ...]:
    """The files of a model with their digests, as they are now; empty where there are none.

    Raises:
        UnsafeName: a file has a name that does not work on every system.
        OSError: a file cannot be read.
    """
    return () if found.folder is None else tuple(members_of(found.folder, moved=moved))


def digest_of(members: Sequence[Member]) -> str:
    """The digest of a model with these files."""
    return hashlib.sha256(encode(members)).hexdigest()


def files_link(found: Located, members: Sequence[Member]) -> Link:
    """Whether the files are those that the run recorded."""
    if found.no_files or not members:
        return Link("files", "broken" if found.damaged else "unknown", found.no_files or "there are none")
    count = f"{len(members)} file{'s' if len(members) > 1 else ''}"
    if found.run is None or found.store is None:
        return Link("files", "unknown", f"{count} read; no run says what they were")
    try:
        recorded = content_of(Kept(found.store), found.run, found.path).members
    except GitTrackError as error:
        return Link("files", "unknown", error.message)
    wrong = _differences(members, recorded)
    if wrong:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        return Link("files", "broken", f"{', '.join(wrong[:_NAMED])}{more}")
    return Link("files", "ok", f"{count} read, each as run {found.run.id} recorded it")


def registry_link(found: Located, members: Sequence[Member]) -> Link:
    """Whether the files are those that were registered."""
    if found.version is None:
        return Link("registry", "unknown", "no registered version was asked for")
    shown = f"{found.version.name}/{found.version.version}"
    if not members:
        return Link("registry", "unknown", f"{shown} is registered, and its files cannot be had")
    digest = digest_of(members)
    if digest != found.version.digest:
        what = f"{shown} was registered with digest {found.version.digest[:12]}, the files have {digest[:12]}"
        return Link("registry", "broken", what)
    return Link("registry", "ok", f"{shown} was registered with digest {digest[:12]}")


def _differences(now: Sequence[Member], then: Sequence[Member]) -> list[str]:
    have = {one.path: one.sha256 for one in now}
    want = {one.path: one.sha256 for one in then}
    words = []
    for path in sorted({*have, *want}):
        if path not in have:
            words.append(f"{path} is missing")
        elif path not in want:
            words.append(f"{path} was added")
        elif have[path] != want[path]:
            words.append(f"{path} has changed")
    return words
