"""The model that a version names, as an artifact of its run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.errors import GitTrackError, RunNotFound
from gittrack.store.kept.choosing import chosen
from gittrack.store.kept.places import Kept
from gittrack.store.registry.resolve import version_of

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore


class Changed(GitTrackError):
    """What a run has now is not what was registered."""


class Content(NamedTuple):
    """A folder among the artifacts of a run.

    Attributes:
        digest: SHA-256 of its manifest.
        size: bytes of its files.
        members: its files.
    """

    digest: str
    size: int
    members: tuple[Member, ...]


def content_of(kept: Kept, run: Run, path: str) -> Content:
    """The folder at a path of a run; no file of it is fetched.

    Raises:
        ArtifactNotFound: there is no such folder.
        NotHere, StoreError: the manifest of a directory cannot be had.
    """
    files = chosen(kept, run, [path])
    top = f"{path}/"
    members = [Member(one.path.removeprefix(top), one.sha256, one.size) for one in files]
    digest = hashlib.sha256(encode(members)).hexdigest()
    return Content(digest, sum(one.size for one in members), tuple(members))


def run_of(store: RunStore, version: Version) -> Run:
    """The run of a version.

    Raises:
        RunNotFound: it is not in this clone.
    """
    try:
        return store.get(version.run_id)
    except RunNotFound as error:
        msg = f"{version.shown} is of run {version.run_id}, which is not here"
        raise RunNotFound(msg, hint="`gittrack pull` fetches the runs of others") from error


def checked_uri(store: RunStore, text: str) -> str:
    """`runs:/RUN/PATH` of a registered model, which is there what it was when it was registered.

    Args:
        store: of the runs.
        text: `models:/…`.

    Raises:
        InvalidValue, ModelNotFound: see `resolve.version_of`.
        RunNotFound, ArtifactNotFound, NotHere, StoreError: the run or its model cannot be had.
        Changed: the run has another model at that place now.
    """
    version = version_of(store, text)
    found = content_of(Kept(store), run_of(store, version), version.path)
    if found.digest != version.digest:
        msg = f"{version.shown} is not what was registered: run {version.run_id} has another {version.path}"
        raise Changed(msg, hint=f"`gittrack log {version.run_id}` says who changed it")
    return f"runs:/{version.run_id}/{version.path}"
