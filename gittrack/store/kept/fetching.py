"""Getting contents from the store to this machine.

They are looked for in the local store, the cache, the files on the runs branch and the artifact store, in
that order; every one is verified before it gets its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.artifacts import transfer
from gittrack.core.errors import GitTrackError
from gittrack.store.kept.places import NoStore
from gittrack.store.kept.references import of_run
from gittrack.store.kept.shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.transfer import Progress, Report
    from gittrack.core.records import Run
    from gittrack.store.kept.choosing import File
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.references import Named

    Watch = Callable[[Progress], None]


class NotHere(GitTrackError):
    """A content is nowhere that can be reached."""


def nowhere(run_id: str, path: str) -> NotHere:
    """The error for a content that cannot be had."""
    msg = f"{path} of run {run_id} is neither in this clone nor in the artifact store"
    return NotHere(
        msg, hint="`gittrack push` or `gittrack artifacts put` on the machine that made it sends it"
    )


def fetch(  # noqa: PLR0913  what, where to, and how
    kept: Kept,
    digests: Iterable[str],
    manifests: Iterable[str] = (),
    *,
    into: Objects | None = None,
    sizes: dict[str, int] | None = None,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
    deep: bool = True,
) -> Report:
    """Get contents that are not here from the store; what is nowhere is in the report as missing.

    Args:
        kept: what is here, and the store.
        digests: of files.
        manifests: of directories.
        into: where to, the cache when None.
        sizes: of the files in bytes, where they are known.
        jobs: how many to fetch at once.
        progress: called while they come.
        deep: whether the files of directories are fetched, too.

    Raises:
        StoreError, OSError: of the first that could not be fetched.
    """
    if not deep:
        digests, manifests = [*digests, *manifests], ()
    manifests = list(dict.fromkeys(manifests))
    lacking = [sha256 for sha256 in dict.fromkeys(digests) if kept.find(sha256) is None]
    if not lacking and not manifests:
        return transfer.Report()
    try:
        remote = kept.remote
    except NoStore:
        absent = [sha256 for sha256 in manifests if kept.find(sha256) is None]
        return transfer.Report(missing=(*lacking, *absent))
    report = transfer.download(
        remote,
        into or kept.cache.objects,
        lacking,
        manifests=manifests,
        local=(kept.objects, kept.cache.objects),
        sizes=sizes,
        jobs=jobs,
        progress=progress,
    )
    for error in report.failed.values():
        raise error
    return report


def fetch_runs(
    kept: Kept, run_ids: Iterable[str], *, jobs: int = transfer.JOBS, progress: Watch | None = None
) -> tuple[Shipped, list[str]]:
    """Get all that some committed runs name into the local store, where it stays.

    Returns:
        What was fetched, and what could not be, one line each.

    Raises:
        NoStore: none is configured.
        StoreError: the store refuses or cannot be reached.
    """
    url = kept.remote.remote.url
    named: dict[str, Named] = {}
    for run_id in run_ids:
        named |= {one.sha256: one for one in of_run(kept.store.committed(run_id).run)}
    report = fetch(
        kept,
        [one.sha256 for one in named.values() if one.kind != "directory"],
        [one.sha256 for one in named.values() if one.kind == "directory"],
        into=kept.objects,
        sizes={one.sha256: one.size for one in named.values() if one.size is not None},
        jobs=jobs,
        progress=progress,
    )
    problems = [f"{_owner(named, sha256)} is not in the artifact store" for sha256 in report.missing]
    return Shipped(url=url, received=len(report.moved), received_size=report.size), problems


def _owner(named: dict[str, Named], sha256: str) -> str:
    return named[sha256].shown if sha256 in named else f"object {sha256}"


def bring(
    kept: Kept,
    run: Run,
    files: Sequence[File],
    *,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> None:
    """Make sure that some files of a run are in the local store or the cache.

    Raises:
        NotHere: one is nowhere.
        StoreError, OSError: one cannot be fetched.
    """
    lacking = {file.sha256: file for file in files if kept.find(file.sha256) is None}
    if lacking:
        _from_branch(kept, run, lacking)
    report = fetch(
        kept,
        lacking,
        sizes={file.sha256: file.size for file in lacking.values()},
        jobs=jobs,
        progress=progress,
    )
    for sha256 in report.missing:
        raise nowhere(run.id, lacking[sha256].path)


def _from_branch(kept: Kept, run: Run, lacking: dict[str, File]) -> None:
    """Take what is on the runs branch; a file there that is not what the run names is of no use."""
    beside = kept.beside(run.id)
    wanted = [beside[file.path] for file in lacking.values() if file.path in beside]
    for _, content in kept.store.git.read_many(wanted):
        if content is not None:
            lacking.pop(kept.cache.objects.put_bytes(content).sha256, None)
