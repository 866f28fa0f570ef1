"""Which files of a run are meant by a path or a glob."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.artifacts.digests import is_digest
from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import GitTrackError
from gittrack.core.records import Artifact
from gittrack.store.kept.fetching import fetch, nowhere

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.core.records import Run
    from gittrack.store.kept.fetching import Watch
    from gittrack.store.kept.places import Kept

INPUTS = "inputs/"
"""Where the inputs of a run are whose bytes were kept; only there when they are asked for."""
_MAGIC = frozenset("*?[")


class ArtifactNotFound(GitTrackError):
    """A run has no such artifact."""


class File(NamedTuple):
    """A file of a run: an artifact, or a member of a directory artifact.

    Attributes:
        path: within the run.
        sha256: its digest.
        size: in bytes.
    """

    path: str
    sha256: str
    size: int


def things(run: Run, *, inputs: bool) -> list[Artifact]:
    """What can be fetched of a run: its artifacts, and kept inputs as `inputs/<name>`."""
    found = {one.path: one for one in run.artifacts}
    for used in run.inputs if inputs else ():
        path = f"{INPUTS}{used.name}"
        if used.kept and used.sha256 is not None and is_digest(used.sha256) and is_safe(path):
            kind: Literal["file", "directory"] = "directory" if used.kind == "directory" else "file"
            found.setdefault(path, Artifact(path, used.sha256, used.size or 0, kind))
    return list(found.values())


def chosen(
    kept: Kept, run: Run, patterns: Sequence[str] = (), *, progress: Watch | None = None
) -> list[File]:
    """The files of a run that are meant; a manifest that is needed and not here is fetched.

    Args:
        kept: what is here, and the store.
        run: whose.
        patterns: paths of artifacts, of files in directory artifacts, of folders, or globs (`*` also
            takes `/`); all files when empty.
        progress: called while manifests are fetched.

    Raises:
        ArtifactNotFound: a pattern means nothing.
        NotHere: the manifest of a directory is nowhere.
        StoreError: the store refuses or cannot be reached.
    """
    found: dict[str, File] = {}
    wanted = [_clean(one) for one in patterns]
    known = things(run, inputs=any(text.startswith(INPUTS) for text in wanted))
    concerned = [one for one in known if not wanted or any(_concerns(one, text) for text in wanted)]
    fetch(
        kept, [], [one.sha256 for one in concerned if one.kind == "directory"], progress=progress, deep=False
    )
    files = [file for one in concerned for file in _files(kept, one, run)]
    for text in wanted or ["*"]:
        matching = [file for file in files if _matches(file.path, text)]
        if not matching and (wanted or files):
            raise _not_found(run, text)
        found |= {file.path: file for file in matching}
    return list(found.values())


def _clean(pattern: str) -> str:
    return pattern.replace("\\", "/").removeprefix("./").rstrip("/")


def _concerns(artifact: Artifact, text: str) -> bool:
    """Whether a pattern may mean an artifact or a file in it."""
    if _MAGIC & set(text):
        return artifact.kind == "directory" or _matches(artifact.path, text)
    return _matches(artifact.path, text) or text.startswith(f"{artifact.path}/")


def _matches(path: str, text: str) -> bool:
    if path == text or path.startswith(f"{text}/"):
        return True
    return bool(_MAGIC & set(text)) and fnmatchcase(path, text)


def _files(kept: Kept, artifact: Artifact, run: Run) -> Iterator[File]:
    if artifact.kind == "file":
        yield File(artifact.path, artifact.sha256, artifact.size)
        return
    members = kept.manifest(artifact.sha256)
    if members is None:
        raise nowhere(run.id, artifact.path)
    for member in members:
        yield File(f"{artifact.path}/{member.path}", member.sha256, member.size)


def _not_found(run: Run, text: str) -> ArtifactNotFound:
    import difflib

    near = difflib.get_close_matches(text, [one.path for one in run.artifacts], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"`gittrack artifacts ls {run.id}` lists them"
    msg = f"run {run.id} has no artifact {text[:200]!r}"
    return ArtifactNotFound(msg, hint=hint)
