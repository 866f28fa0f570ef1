"""Removing what no run names: from the local store, or from the artifact store that clones share.

What is named is found over all refs, live runs and pending changes (`references.everything`), and
manifests are followed to the files that they list. A manifest that cannot be read might list anything,
so nothing is removed then. What is younger than the grace period stays: its run may be about to be
committed or published.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.artifacts.manifest import SCHEMA
from gittrack.artifacts.remote_objects import name_of
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.core.ids import random_text
from gittrack.store.kept import downloads
from gittrack.store.kept.references import everything

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gittrack.artifacts.remote import Remote
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.references import Named

_HEAD = f'{{"schema":"{SCHEMA.partition("/")[0]}/'.encode()
_BATCH = 500  # objects that are looked at again just before they are removed
_TEMPORARY = "tmp"


class ManifestMissing(GitTrackError):
    """The files of a directory that a run names are not known, so none can be told to be of no use."""


class Stored(NamedTuple):
    """An object as a store lists it.

    Attributes:
        sha256: its digest.
        size: in bytes.
        modified: seconds since the epoch, None where the store does not say.
    """

    sha256: str
    size: int
    modified: float | None


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection removes, or would remove.

    Attributes:
        removed: digests of objects and names of broken uploads, with sizes in bytes.
        named: how many objects some run names.
        young: how many nobody names that are younger than the grace period.
        dry: whether nothing was removed yet.
    """

    removed: Mapping[str, int]
    named: int
    young: int
    dry: bool

    @property
    def size(self) -> int:
        """Bytes of what is removed."""
        return sum(self.removed.values())

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "removed": dict(self.removed),
            "size": self.size,
            "named": self.named,
            "young": self.young,
            "dry_run": self.dry,
        }


def decide(
    found: Iterable[Stored], named: Collection[str], *, now: float, grace: float, dry: bool = True
) -> Collected:
    """Which objects may go; pure.

    Args:
        found: what is in the store.
        named: digests that must stay.
        now: seconds since the epoch, by the clock of the store.
        grace: seconds; an object that was written within them stays, and so does one of unknown age.
        dry: for the answer.
    """
    removed: dict[str, int] = {}
    stay = young = 0
    for one in found:
        if one.sha256 in named:
            stay += 1
        elif one.modified is None or one.modified > now - grace:
            young += 1
        else:
            removed[one.sha256] = one.size
    return Collected(removed, stay, young, dry)


def collect_here(kept: Kept, *, grace: float, dry: bool = True, lost: bool = False) -> Collected:
    """Remove from the local store what nothing names.

    Args:
        kept: what is here.
        grace: seconds, see `decide`.
        dry: only say what would be removed.
        lost: whether a manifest that is neither here nor in the store is gone for good.

    Raises:
        ManifestMissing: the files of a directory cannot be known.
        StoreError: a manifest has to be fetched, and the store refuses or cannot be reached.
    """
    objects = kept.objects
    found = [Stored(one, *_facts(kept, one)) for one in objects.all()]
    named = reachable(kept, {one.sha256 for one in found}, lost=lost, local=True)
    result = decide(found, named, now=time.time(), grace=grace, dry=dry)
    if dry:
        return result
    gone = {one: size for one, size in result.removed.items() if _remove(kept, one, time.time() - grace)}
    return Collected(gone, result.named, result.young + len(result.removed) - len(gone), dry=False)


def _facts(kept: Kept, sha256: str) -> tuple[int, float | None]:
    try:
        status = kept.objects.path_of(sha256).stat()
    except FileNotFoundError:
        return 0, None
    return status.st_size, status.st_mtime


def _remove(kept: Kept, sha256: str, before: float) -> bool:
    """Remove an object unless it was used after a time; whether it was removed.

    It is put aside first: a run that logs the same content marks the object as used, or finds it gone
    and writes it anew, and either is seen here.
    """
    path = kept.objects.path_of(sha256)
    aside = kept.objects.root / f".{random_text(16)}.tmp"
    with contextlib.suppress(OSError):
        path.replace(aside)
        if aside.stat().st_mtime <= before:
            aside.unlink()
            return True
        if path.exists():
            aside.unlink()
        else:
            aside.replace(path)
    return False


def collect_store(kept: Kept, *, grace: float, dry: bool = True, lost: bool = False) -> Collected:
    """Remove from the shared artifact store what no run of any clone names, and uploads that broke.

    The runs of others must have been pulled just before.

    Arguments and errors are those of `collect_here`.
    """
    remote = kept.remote
    listed = [Stored(one, entry.size, _seconds(entry.modified)) for one, entry in remote.list()]
    named = reachable(kept, {one.sha256 for one in listed}, lost=lost, local=False)
    now = time.time() if dry else _clock(remote.remote)
    result = decide(listed, named, now=now, grace=grace, dry=dry)
    stale = _stale(remote.remote, now - grace)
    if dry:
        return Collected({**result.removed, **stale}, result.named, result.young, dry=True)
    gone: dict[str, int] = {}
    for batch in _batches(result.removed):
        there = remote.has_many(batch)  # one may have been sent again since, for a run to come
        again = [Stored(one, entry.size, _seconds(entry.modified)) for one, entry in there.items()]
        checked = decide(again, named, now=now, grace=grace).removed
        remote.delete(checked)
        gone |= checked
    remote.remote.delete(stale)
    kept_back = len(result.removed) - len(gone)
    return Collected({**gone, **stale}, result.named, result.young + kept_back, dry=False)


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
    downloads.fetch(kept, [], [one.sha256 for one in directories], deep=False)
    found = set(named)
    for one in directories:
        found |= _listed(kept, one, lost=lost)
    for one in named.values():
        if (
            one.kind == "unknown"
            and one.sha256 in present
            and _may_be_manifest(kept, one.sha256, local=local)
        ):
            downloads.fetch(kept, [one.sha256])
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


def _stale(remote: Remote, before: float) -> dict[str, int]:
    """Uploads that broke long ago."""
    return {
        entry.name: entry.size
        for entry in remote.list(_TEMPORARY)
        if entry.modified is not None and entry.modified / 1000 < before
    }


def _clock(remote: Remote) -> float:
    """What time it is for the store: a clock here that is wrong must not make young objects old."""
    name = f"{_TEMPORARY}/clock-{random_text(12)}"
    remote.put_bytes(b"gittrack", name)
    try:
        entry = remote.stat(name)
    finally:
        remote.delete([name])
    here = time.time()
    return here if entry is None or entry.modified is None else min(here, entry.modified / 1000)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _batches(digests: Iterable[str]) -> Iterator[list[str]]:
    """Objects of one folder at a time, so that looking again is one listing of it."""
    batch: list[str] = []
    for sha256 in sorted(digests):
        if batch and (batch[0][:2] != sha256[:2] or len(batch) >= _BATCH):
            yield batch
            batch = []
        batch.append(sha256)
    if batch:
        yield batch
