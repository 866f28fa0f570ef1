"""Getting what a run names: listed, chosen by path or glob, fetched, and written where the user wants it.

Contents are looked for in the local store, the cache, the files on the runs branch and the artifact
store, in that order; every one is verified before it gets its name.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.artifacts import transfer
from gittrack.artifacts.digests import is_digest
from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.core.records import Artifact
from gittrack.store.kept.places import NoStore
from gittrack.store.kept.references import of_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.transfer import Progress, Report
    from gittrack.core.records import Run
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.references import Named
    from gittrack.store.kept.uploads import Shipped

    Watch = Callable[[Progress], None]

INPUTS = "inputs/"
"""Where the inputs of a run are whose bytes were kept; only there when they are asked for."""
_MAGIC = frozenset("*?[")


class ArtifactNotFound(GitTrackError):
    """A run has no such artifact."""


class NotHere(GitTrackError):
    """A content is nowhere that can be reached."""


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


class Listed(NamedTuple):
    """One line of a listing.

    Attributes:
        path: within the run.
        kind: `file` or `directory`.
        size: in bytes; of all its files for a directory.
        sha256: digest; of the manifest for a directory.
        where: `here`, `cache`, `branch`, `store`, `partly` (a directory of which not all is here), or
            `elsewhere`: on another machine, as far as is known.
    """

    path: str
    kind: str
    size: int
    sha256: str
    where: str

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return self._asdict()


def listing(kept: Kept, run: Run, path: str | None = None, *, ask: bool = False) -> list[Listed]:
    """The artifacts of a run, sorted by path.

    Args:
        kept: what is here, and the store.
        run: whose.
        path: of a directory artifact, to list the files in it instead; or of a file, or a glob.
        ask: ask the store about what is not here; without, `store` means that one is configured.

    Raises:
        ArtifactNotFound: there is none of that path.
        NotHere: the manifest of a directory is nowhere.
        StoreError: the store refuses or cannot be reached.
    """
    beside = kept.beside(run.id)
    if path is None:
        found = [_of_artifact(kept, one, beside) for one in things(run, inputs=True)]
    else:
        found = [_of_file(kept, one, beside) for one in chosen(kept, run, [path])]
    return sorted(_asked(kept, found) if ask else found)


def things(run: Run, *, inputs: bool) -> list[Artifact]:
    """What can be fetched of a run: its artifacts, and kept inputs as `inputs/<name>`."""
    found = {one.path: one for one in run.artifacts}
    for used in run.inputs if inputs else ():
        path = f"{INPUTS}{used.name}"
        if used.kept and used.sha256 is not None and is_digest(used.sha256) and is_safe(path):
            kind: Literal["file", "directory"] = "directory" if used.kind == "directory" else "file"
            found.setdefault(path, Artifact(path, used.sha256, used.size or 0, kind))
    return list(found.values())


def _of_artifact(kept: Kept, one: Artifact, beside: Iterable[str]) -> Listed:
    if one.kind == "file":
        return _of_file(kept, File(one.path, one.sha256, one.size), beside)
    where = kept.place(one.sha256) or _away(kept)
    if where in {"here", "cache"}:
        try:
            members = kept.manifest(one.sha256) or []
        except MalformedFile:
            members, where = [], "damaged"
        places = {kept.place(member.sha256) or _away(kept) for member in members}
        where = where if places <= {where} else places.pop() if len(places) == 1 else "partly"
    return Listed(one.path, one.kind, one.size, one.sha256, where)


def _of_file(kept: Kept, file: File, beside: Iterable[str]) -> Listed:
    where = kept.place(file.sha256) or ("branch" if file.path in beside else _away(kept))
    return Listed(file.path, "file", file.size, file.sha256, where)


def _away(kept: Kept) -> str:
    return "elsewhere" if kept.url is None else "store"


def _asked(kept: Kept, found: list[Listed]) -> list[Listed]:
    there = kept.remote.has_many({one.sha256 for one in found if one.where == "store"})
    return [
        one._replace(where="elsewhere") if one.where == "store" and one.sha256 not in there else one
        for one in found
    ]


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
        raise _nowhere(run.id, artifact.path)
    for member in members:
        yield File(f"{artifact.path}/{member.path}", member.sha256, member.size)


def _not_found(run: Run, text: str) -> ArtifactNotFound:
    import difflib

    near = difflib.get_close_matches(text, [one.path for one in run.artifacts], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"`gittrack artifacts ls {run.id}` lists them"
    msg = f"run {run.id} has no artifact {text[:200]!r}"
    return ArtifactNotFound(msg, hint=hint)


def _nowhere(run_id: str, path: str) -> NotHere:
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
    from gittrack.store.kept.uploads import Shipped

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
        raise _nowhere(run.id, lacking[sha256].path)


def _from_branch(kept: Kept, run: Run, lacking: dict[str, File]) -> None:
    """Take what is on the runs branch; a file there that is not what the run names is of no use."""
    beside = kept.beside(run.id)
    wanted = [beside[file.path] for file in lacking.values() if file.path in beside]
    for _, content in kept.store.git.read_many(wanted):
        if content is not None:
            lacking.pop(kept.cache.objects.put_bytes(content).sha256, None)
