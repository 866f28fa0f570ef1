"""Removing what no run names: from the local store, or from the artifact store that clones share.

What is named is found over all refs, live runs and pending changes (`references.everything`), and
manifests are followed to the files that they list. A manifest that cannot be read might list anything,
so nothing is removed then. What is younger than the grace period stays: its run may be about to be
committed or published.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.artifacts.digests import is_digest
from gittrack.artifacts.failures import AccessDenied, NotPermitted
from gittrack.core.ids import random_text
from gittrack.store.kept import users
from gittrack.store.kept.collecting import TEMPORARY, collecting
from gittrack.store.kept.decision import Collected, Stored, decide
from gittrack.store.kept.reachable import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gittrack.artifacts.remote import Remote, Unfinished
    from gittrack.store.kept.places import Kept
    from gittrack.store.plumbing.progress import Progress

_BATCH = 500  # objects that are looked at again just before they are removed


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


def collect_store(
    kept: Kept,
    *,
    grace: float,
    dry: bool = True,
    lost: bool = False,
    sole: bool = False,
    remote: str | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Remove from the shared artifact store what no run of any clone names, and uploads that broke.

    The runs of others are pulled first.

    Args:
        kept: what is here, and the store.
        grace: seconds, see `decide`.
        dry: only say what would be removed.
        lost: whether a manifest that is neither here nor in the store is gone for good.
        sole: whether nobody else uses the store, although another repository once pushed to it.
        remote: where to pull from, as for `pull`.
        progress: as for `pull`.

    Raises:
        NoStore: none is configured.
        SharedStore: another repository uses the store.
        ManifestMissing: the files of a directory cannot be known.
        RemoteError: the runs of others cannot be pulled.
        StoreError: the store refuses or cannot be reached.
    """
    home = _pull(kept, remote, progress)
    if not sole:
        users.check(kept.remote.remote, home)
    if dry:
        return _look(kept, now=time.time(), grace=grace, lost=lost)[0]
    return _remove_from_store(kept, grace=grace, lost=lost)


def _pull(kept: Kept, wanted: str | None, progress: Progress | None) -> str | None:
    """Take the runs of others; the URL they are from, None where there is no remote at all."""
    from gittrack.store.sync import share

    git = kept.store.git
    if wanted is None and kept.store.config.get("runs.remote") is None and not git.run("remote").text:
        return None
    return share.pull(kept.store, wanted, progress=progress).url


def _look(kept: Kept, *, now: float, grace: float, lost: bool) -> tuple[Collected, set[str]]:
    """What could go, broken uploads included, and everything that is named."""
    remote = kept.remote
    listed = [Stored(one, entry.size, _seconds(entry.modified)) for one, entry in remote.list()]
    named = reachable(kept, {one.sha256 for one in listed}, lost=lost, local=False)
    result = decide(listed, named, now=now, grace=grace)
    broken = _stale(remote.remote, now - grace)
    broken |= dict.fromkeys(_unfinished(remote.remote, now - grace), 0)
    return replace(result, removed={**result.removed, **broken}), named


def _remove_from_store(kept: Kept, *, grace: float, lost: bool) -> Collected:
    remote = kept.remote
    with collecting(remote.remote) as now:
        result, named = _look(kept, now=now, grace=grace, lost=lost)
        stale = {name: size for name, size in result.removed.items() if not is_digest(name)}
        gone: dict[str, int] = {}
        for batch in _batches(result.removed.keys() - stale.keys()):
            there = remote.has_many(batch)  # one may have been sent again since, for a run to come
            again = [Stored(one, entry.size, _seconds(entry.modified)) for one, entry in there.items()]
            checked = decide(again, named, now=now, grace=grace).removed
            remote.delete(checked)
            gone |= checked
        uploads = _unfinished(remote.remote, now - grace)
        for name in stale.keys() & uploads.keys():
            remote.remote.give_up(uploads[name])
        remote.remote.delete(stale.keys() - uploads.keys())
    kept_back = len(result.removed) - len(stale) - len(gone)
    return Collected({**gone, **stale}, result.named, result.young + kept_back, dry=False)


def _stale(remote: Remote, before: float) -> dict[str, int]:
    """Uploads that broke long ago."""
    return {
        entry.name: entry.size
        for entry in remote.list(TEMPORARY)
        if entry.modified is not None and entry.modified / 1000 < before
    }


def _unfinished(remote: Remote, before: float) -> dict[str, Unfinished]:
    """Uploads that broke long ago, of which a store keeps the parts; none where we may not ask for them.

    Their sizes are not known.
    """
    found: dict[str, Unfinished] = {}
    with contextlib.suppress(NotPermitted, AccessDenied):
        for one in remote.unfinished():
            if one.modified is not None and one.modified / 1000 < before:
                found[f"{one.name} (parts of a broken upload, {one.token[:12]})"] = one
    return found


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
