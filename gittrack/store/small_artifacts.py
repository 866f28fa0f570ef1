"""The small artifacts of a run, read from the local store to be committed beside its `run.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import decode
from gittrack.core.errors import GitTrackError
from gittrack.store.format import reviewable
from gittrack.store.format.reviewable import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.artifacts.objects import Objects
    from gittrack.core.records import Artifact, Run
    from gittrack.store.runs import RunStore

_LARGEST = 50_000_000  # bytes of a manifest: a directory of more files is none that people look through


def small_artifacts(run: Run, store: RunStore) -> dict[str, bytes]:
    """Path within the run's artifacts to content of those that go onto the branch, see `reviewable`.

    Files that were logged by themselves come first, then those within directories. What cannot be read
    any more is left out.
    """
    if not run.artifacts:
        return {}
    limit, total = store.config.get("artifacts.branch_limit"), store.config.get("artifacts.branch_total")
    chosen = reviewable.choose(_candidates(run.artifacts, store.objects), limit=limit, total=total)
    return reviewable.contents(chosen, lambda sha256: _read(store.objects, sha256), store.redactor)


def _candidates(artifacts: tuple[Artifact, ...], objects: Objects) -> Iterator[Candidate]:
    for one in artifacts:
        if one.kind == "file":
            yield Candidate(one.path, one.sha256, one.size)
    for one in artifacts:
        if one.kind == "directory":
            for member in members(objects, one.sha256):
                yield Candidate(f"{one.path}/{member.path}", member.sha256, member.size)


def members(objects: Objects, sha256: str) -> list[Candidate]:
    """The files of a directory whose manifest is here; none where it is not, or is damaged."""
    try:
        if objects.path_of(sha256).stat().st_size > _LARGEST:
            return []
        return [Candidate(*member) for member in decode(objects.read(sha256), sha256)]
    except (OSError, GitTrackError):
        return []


def _read(objects: Objects, sha256: str) -> bytes | None:
    try:
        return objects.read(sha256)
    except (OSError, GitTrackError):
        return None
