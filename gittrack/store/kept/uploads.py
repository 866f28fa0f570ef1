"""Sending what runs name to the artifact store, before the runs are published.

The order is what others rely on: a run that another clone can see has its artifacts in the store.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from gittrack.artifacts import transfer
from gittrack.core.errors import GitTrackError
from gittrack.store.kept import references, tips, users
from gittrack.store.kept.collecting import is_collected
from gittrack.store.kept.shipped import Shipped
from gittrack.store.plumbing.git import HEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.remote import Entry
    from gittrack.artifacts.transfer import Progress, Report
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.references import Named
    from gittrack.store.runs import RunStore

    Watch = Callable[[Progress], None]

GRACE = 14 * 86400.0
"""Seconds that an object stays in a store although no published run names it, unless told otherwise."""
RENEW = GRACE / 2
"""Age in seconds from which on an object that nobody names is sent again before a run names it."""
_PATIENCE = 120.0  # seconds to wait for a collector
_PAUSE = 0.5
_FAILED = "nothing was published; push again, or publish the runs alone with --no-artifacts"


class UploadFailed(GitTrackError):
    """Not all that was to be sent is in the store."""


class Uploads:
    """The uploads of one push.

    Args:
        kept: what is here, and the store.
        home: URL of the repository that the runs go to, without credentials.
        jobs: how many objects to send at once.
        progress: called while objects are sent.

    Attributes:
        shipped: what was done so far.
    """

    def __init__(
        self, kept: Kept, home: str, *, jobs: int = transfer.JOBS, progress: Watch | None = None
    ) -> None:
        self._kept = kept
        self._home = home
        self._git = kept.store.git
        self._jobs = jobs
        self._progress = progress
        self.shipped = Shipped(url=kept.remote.remote.url)
        self._known = tips.read(self._git, kept.remote.remote.url, home)
        self._renewed = False

    def send(self, tip: str) -> None:
        """Make sure that all that is here and named by the runs up to a tip is in the store.

        Raises:
            UploadFailed: it is not; the tip must not be published.
            StoreError: the store refuses or cannot be reached.
        """
        named = [one for one in references.between(self._git, self._known.tip, tip) if self._is_here(one)]
        if named and not self._known.noted:
            users.note(self._kept.remote.remote, self._home)
            self._known = self._known._replace(noted=True)
        if named:
            self.shipped += self._upload(named)
        self._known = self._known._replace(tip=tip)

    def published(self) -> None:
        """The tip that was last sent is published: the next push begins there."""
        if self._known.tip is not None:
            tips.remember(self._git, self._kept.remote.remote.url, self._home, self._known)

    def _is_here(self, one: Named) -> bool:
        return self._kept.objects.has(one.sha256)

    def _upload(self, named: Sequence[Named]) -> Shipped:
        url, total = self.shipped.url, Shipped()
        while True:
            self._renewed = False
            report = upload(
                self._kept,
                self._kept.objects,
                named,
                may_skip=self._may_skip,
                jobs=self._jobs,
                progress=self._progress,
            )
            _check(report, named)
            present = total.present or len(report.skipped)
            total = Shipped(url, total.sent + len(report.moved), total.size + report.size, present)
            if not (self._renewed and is_collected(self._kept.remote.remote)):
                return total
            _wait(self._kept)

    def _may_skip(self, sha256: str, entry: Entry) -> bool:
        """Whether an object will still be in the store when its run is published.

        Another clone's `gc` may have found that nobody names it, and be about to remove it; not so if it
        is young, or if a run names it that the other clone can see.
        """
        young = entry.modified is not None and entry.modified / 1000 > time.time() - RENEW
        skip = young or sha256 in self._published
        self._renewed = self._renewed or not skip
        return skip

    @cached_property
    def _published(self) -> frozenset[str]:
        """What runs name that are on a remote, as far as is known here, and the members of directories."""
        named: dict[str, Named] = {}
        for tip in _remote_tips(self._kept):
            named |= {one.sha256: one for one in references.between(self._git, None, tip)}
        found = set(named)
        for one in named.values():
            if one.kind == "directory":
                found |= _members(self._kept, one.sha256)
        return frozenset(found)


def _wait(kept: Kept) -> None:
    """Wait until nobody collects in the store."""
    deadline = time.monotonic() + _PATIENCE
    while is_collected(kept.remote.remote):
        if time.monotonic() > deadline:
            msg = f"somebody collects in {kept.remote.remote.url}"
            raise UploadFailed(msg, hint="nothing was published; push again when `artifacts gc` is done")
        time.sleep(_PAUSE)


def upload(
    kept: Kept,
    objects: Objects,
    named: Iterable[Named],
    *,
    may_skip: Callable[[str, Entry], bool] | None = None,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> Report:
    """Send contents to the store of a repository; directories with their files."""
    kinds = {one.sha256: one.kind for one in named}
    return transfer.upload(
        objects,
        kept.remote,
        [sha256 for sha256, kind in kinds.items() if kind != "directory"],
        manifests=[sha256 for sha256, kind in kinds.items() if kind == "directory"],
        may_skip=may_skip,
        jobs=jobs,
        progress=progress,
    )


def put(
    kept: Kept,
    run_ids: Sequence[str] = (),
    *,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> Shipped:
    """Send everything that is here and named by runs, whatever was sent before.

    Args:
        kept: what is here, and the store.
        run_ids: which runs, all committed ones when empty.
        jobs: how many objects to send at once.
        progress: called while objects are sent.

    Raises:
        NoStore: none is configured.
        UploadFailed: not all could be sent.
        StoreError: the store refuses or cannot be reached.
    """
    remote = kept.remote
    named = [one for one in of_runs(kept, run_ids) if kept.here.has(one.sha256)]
    report = upload(kept, kept.here, named, jobs=jobs, progress=progress)
    _check(report, named, "repeat it: what was sent is not sent again")
    return Shipped(remote.remote.url, len(report.moved), report.size, len(report.skipped))


def of_runs(kept: Kept, run_ids: Sequence[str] = ()) -> list[Named]:
    """What some runs name, live ones included; all committed runs when none is given."""
    from gittrack.store.commit import branch

    if run_ids:
        return [one for run_id in run_ids for one in references.of_run(kept.store.get(run_id))]
    tip = branch.tip(kept.store.git)
    return [] if tip is None else references.between(kept.store.git, None, tip)


def stayed(store: RunStore, old: str | None, new: str | None) -> Shipped:
    """What runs that came between two tips name that is on this machine and not on the branch itself."""
    if new is None:
        return Shipped()
    git = store.git
    beside = references.beside(git, old, new)
    sizes = {
        one.sha256: one.size or 0
        for one in references.between(git, old, new)
        if (one.run_id, one.path) not in beside and store.objects.has(one.sha256)
    }
    return Shipped(stayed=len(sizes), stayed_size=sum(sizes.values()))


def _members(kept: Kept, sha256: str) -> set[str]:
    try:
        return {member.sha256 for member in kept.manifest(sha256) or ()}
    except GitTrackError:
        return set()


def _remote_tips(kept: Kept) -> list[str]:
    """The runs branches and inboxes of remotes, as they were last fetched."""
    git = kept.store.git
    lines = git.run("for-each-ref", "--format=%(objectname) %(refname)").text.splitlines()
    refs = (line.split(" ", 1) for line in lines)
    topic = HEADS.removeprefix("refs/heads")
    found = [
        oid
        for oid, ref in refs
        if (ref.startswith("refs/remotes/") and topic in ref) or ref.startswith("refs/gittrack/remotes/")
    ]
    return list(dict.fromkeys(found))


def _check(report: Report, named: Iterable[Named], hint: str = _FAILED) -> None:
    """Raise unless all is in the store; a content that is not here at all is not ours to send."""
    if not report.failed:
        return
    sha256, error = next(iter(report.failed.items()))
    whose = next((one.shown for one in named if one.sha256 == sha256), f"object {sha256[:12]}")
    count = len(report.failed)
    rest = f", and {count - 1:,} more cannot be sent" if count > 1 else ""
    msg = f"{whose} cannot be sent: {error.message}{rest}"
    raise UploadFailed(msg, hint=f"{error.hint}; {hint}" if error.hint else hint) from error
