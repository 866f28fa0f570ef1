"""Contents of artifacts and differences of code for a verdict, from where they are kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.query.changes.diff import code_of
from gittrack.query.verdict.numbers import LARGEST
from gittrack.store.kept.choosing import File
from gittrack.store.kept.fetching import bring, fetch
from gittrack.store.kept.places import Kept
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.artifacts.manifest import Member
    from gittrack.core.records import Artifact, Run
    from gittrack.store.runs import RunStore


class Contents:
    """The artifacts of the runs of a store; what is not in this clone is fetched from the artifact store."""

    def __init__(self, store: RunStore) -> None:
        self._kept = Kept(store)

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:
        """The bytes of a file, None where they cannot be had."""
        with contextlib.suppress(GitTrackError, OSError):
            bring(self._kept, run, [File(path, sha256, 0)])
            found = self._kept.find(sha256)
            if found is not None and found.stat().st_size <= LARGEST:
                return found.read_bytes()
        return None

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:  # noqa: ARG002  see Reader
        """The files of a directory artifact, None where its manifest cannot be had."""
        with contextlib.suppress(GitTrackError, OSError):
            fetch(self._kept, (), (artifact.sha256,), deep=False)
            return self._kept.manifest(artifact.sha256)
        return None


def changed_code(store: RunStore, before: Run, after: Run) -> list[str] | None:
    """The files in which the code of two runs differs, one line each; None where that cannot be told."""
    oids = [code_of(before), code_of(after)]
    if None in oids or not all(is_oid(str(oid)) for oid in oids):
        return None
    if oids[0] == oids[1]:
        return []
    words = ("diff", "--numstat", "--no-ext-diff", "--no-textconv", "--no-renames", "--end-of-options")
    for git in (store.code, store.git):
        result = git.run(*words, str(oids[0]), str(oids[1]), "--", check=False) if git is not None else None
        if result is not None and not result.status:
            parts = [line.split("\t", 2) for line in result.text.splitlines()]
            return [f"{path} +{more} -{less}" for more, less, path in parts]
    return None
