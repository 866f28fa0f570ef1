"""Many objects to a store and back: in parallel, verified, going on where it broke."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import decode
from gittrack.artifacts.moving import Moving, Progress
from gittrack.core.errors import GitTrackError, MalformedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Generator, Iterable, Mapping, Sequence

    from gittrack.artifacts.content import Moved
    from gittrack.artifacts.manifest import Member
    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.remote import Entry
    from gittrack.artifacts.remote_objects import RemoteObjects

JOBS = 8
_SMALL = 1_000_000  # bytes; many such files are sent together, each from memory
_LARGEST = 1 << 28  # bytes of a manifest; two million files

__all__ = ["JOBS", "IncompleteDirectory", "Progress", "Report", "download", "members_of", "upload"]


class IncompleteDirectory(GitTrackError):
    """A directory whose files are not all in the store; its manifest is not sent."""


@dataclass(frozen=True)
class Report:
    """What became of the objects of a transfer: digests, each in one of the groups.

    Attributes:
        moved: sent or fetched.
        skipped: were there already.
        missing: are not where they should come from (nor, in an upload, in the store).
        failed: could not be moved, with what was wrong. After an error that any object would meet (no
            access, say) the rest is not tried and fails with the same.
        size: bytes that were moved; fewer than the objects have where a broken transfer went on.
    """

    moved: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failed: Mapping[str, GitTrackError] = field(default_factory=dict)
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether all objects are where they should be."""
        return not self.missing and not self.failed


def members_of(manifest: str, *stores: Objects) -> list[Member]:
    """The files that a manifest lists.

    Args:
        manifest: its digest.
        stores: where it may be.

    Raises:
        FileNotFoundError: it is in none of them.
        MalformedFile: it is no manifest.
    """
    for store in stores:
        size = store.size(manifest)
        if size is not None and size > _LARGEST:
            raise MalformedFile(manifest, "too long for a manifest")
        if size is not None:
            return decode(store.read(manifest), manifest)
    raise FileNotFoundError(manifest)


def upload(
    objects: Objects,
    remote: RemoteObjects,
    digests: Iterable[str],
    *,
    manifests: Iterable[str] = (),
    may_skip: Callable[[str, Entry], bool] | None = None,
    jobs: int = JOBS,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Send objects to a store.

    A manifest is sent after the files that it lists, and only when all of them are in the store: whoever
    finds a manifest there finds the directory.

    Args:
        objects: where they are.
        remote: where to.
        digests: the objects.
        manifests: objects that are manifests of directories; their files are sent, too.
        may_skip: whether an object that is in the store need not be sent again; all may when None.
        jobs: how many small objects to send at once; of big ones it is two.
        progress: called after each piece, one call at a time.

    Raises:
        StoreError: what is in the store cannot be found out. Later errors are in the report.
        OSError: the local store cannot be read.
    """
    moving = Moving(jobs, progress)
    listed = _listed(moving, manifests, objects)
    files = _unique(digests, *listed.values(), without=listed)
    there = remote.has_many([*files, *listed], jobs=jobs)
    lacking = {
        sha256: objects.size(sha256)
        for sha256 in (*files, *listed)
        if sha256 not in there or (may_skip is not None and not may_skip(sha256, there[sha256]))
    }
    send = {sha256: size for sha256, size in lacking.items() if size is not None}
    moving.skipped += [sha256 for sha256 in there if sha256 not in send]
    moving.missing += [sha256 for sha256 in lacking if sha256 not in send and sha256 not in there]
    moving.expect(send.values())

    def put(sha256: str, moved: Moved) -> bool:
        new = remote.put(objects, sha256, renew=sha256 in there, moved=moved)
        return new or sha256 in small  # sent together with others before one of them failed

    def put_many(many: Iterable[str]) -> Generator[tuple[str, bool], None, None]:
        return remote.put_many(objects, many, jobs=jobs)

    first = {sha256: size for sha256, size in send.items() if sha256 not in listed}
    small = {sha256: size for sha256, size in first.items() if size <= _SMALL and sha256 not in there}
    left = moving.run_together(small, put_many)
    moving.run({sha256: size for sha256, size in first.items() if sha256 not in small} | left, put)
    _withhold(moving, listed)
    moving.run({one: send[one] for one in listed if one in send and one not in moving.failed}, put)
    return _report(moving)


def download(  # noqa: PLR0913  what, where to, and how
    remote: RemoteObjects,
    into: Objects,
    digests: Iterable[str],
    *,
    manifests: Iterable[str] = (),
    local: Sequence[Objects] = (),
    sizes: Mapping[str, int] | None = None,
    jobs: int = JOBS,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Get objects from a store.

    Args:
        remote: where from.
        into: where to.
        digests: the objects.
        manifests: objects that are manifests of directories; their files are fetched, too.
        local: further local stores; what is in them is not fetched.
        sizes: of the objects in bytes, where they are known, for the progress.
        jobs: how many small objects to fetch at once; of big ones it is two.
        progress: called after each piece, one call at a time.

    Raises:
        OSError: the local store cannot be written.
    """
    moving = Moving(jobs, progress)
    known: dict[str, int] = dict(sizes or {})
    stores = (into, *local)

    def fetch(sha256: str, moved: Moved) -> bool:
        return remote.fetch(sha256, into, moved=moved)

    def fetch_many(many: Mapping[str, int]) -> Generator[tuple[str, bool], None, None]:
        return remote.fetch_many(many, into, jobs=jobs)

    def get(wanted: Iterable[str]) -> None:
        lacking = {}
        for sha256 in wanted:
            if any(store.has(sha256) for store in stores):
                moving.skipped.append(sha256)
            else:
                lacking[sha256] = known.get(sha256)
        moving.expect(lacking.values())
        small = {sha256: size for sha256, size in lacking.items() if size is not None and size <= _SMALL}
        left = moving.run_together(small, fetch_many) if len(small) > 1 else small
        moving.run({sha256: size for sha256, size in lacking.items() if sha256 not in small} | left, fetch)

    first = _unique(manifests, without=())
    get(first)
    listed = _listed(moving, first, *stores)
    for members in listed.values():
        known |= members
    get(_unique(digests, *listed.values(), without=first))
    return _report(moving)


def _listed(moving: Moving, manifests: Iterable[str], *stores: Objects) -> dict[str, dict[str, int]]:
    """The files of each manifest with their sizes; none of one that is not here; not those that are none."""
    listed: dict[str, dict[str, int]] = {}
    for manifest in dict.fromkeys(manifests):
        try:
            listed[manifest] = {member.sha256: member.size for member in members_of(manifest, *stores)}
        except FileNotFoundError:
            listed[manifest] = {}
        except MalformedFile as error:
            moving.failed[manifest] = error
    return listed


def _unique(*groups: Iterable[str], without: Container[str]) -> list[str]:
    return [sha256 for sha256 in dict.fromkeys(chain(*groups)) if sha256 not in without]


def _withhold(moving: Moving, listed: Mapping[str, Mapping[str, int]]) -> None:
    """Directories whose files are not all in the store fail before their manifests are sent."""
    absent = {*moving.missing, *moving.failed}
    for manifest, members in listed.items():
        lacking = absent & members.keys()
        if lacking:
            msg = f"{len(lacking)} of {len(members)} files of the directory {manifest} are not in the store"
            moving.failed[manifest] = IncompleteDirectory(msg, hint="push it from a clone that has them")


def _report(moving: Moving) -> Report:
    return Report(
        tuple(moving.moved), tuple(moving.skipped), tuple(moving.missing), moving.failed, moving.size
    )
