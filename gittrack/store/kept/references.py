"""Which contents the runs of a repository name, by digest.

Two questions are asked. *What is new between two tips of the runs branch* (push): runs are read. *What
does anything name* (collect): every text of 64 hexadecimal digits in a run, edit, journal or pending
change counts, also where it cannot be read otherwise, so that what a newer version writes is safe.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.digests import is_digest
from gittrack.core.errors import MalformedFile
from gittrack.store.commit.pending import waiting
from gittrack.store.format.layout import artifact_within, is_listed, split_path
from gittrack.store.format.run_document import run_of
from gittrack.store.plumbing.git import Entry, is_oid
from gittrack.store.sync.fold import changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ROOMS = (".runs", ".models")


class Named(NamedTuple):
    """A content that a run names.

    Attributes:
        sha256: its digest; of the manifest for a directory.
        kind: `file`, `directory`, or `unknown` where the text around the digest was not understood.
        size: in bytes, of all files for a directory; None where unknown.
        run_id: which run.
        path: of the artifact within the run, or the name of the input; empty where unknown.
    """

    sha256: str
    kind: str
    size: int | None
    run_id: str
    path: str = ""

    @property
    def shown(self) -> str:
        """For messages: `run 20261124-…: model/weights.bin`."""
        return f"run {self.run_id}: {self.path}" if self.path else f"run {self.run_id}"


def of_run(run: Run) -> Iterator[Named]:
    """What a run names: its artifacts, and the inputs whose bytes were kept."""
    for artifact in run.artifacts:
        if is_digest(artifact.sha256):
            yield Named(artifact.sha256, artifact.kind, artifact.size, run.id, artifact.path)
    for used in run.inputs:
        if used.kept and used.sha256 is not None and is_digest(used.sha256):
            kind = "directory" if used.kind == "directory" else "file"
            yield Named(used.sha256, kind, used.size, run.id, used.name)


def between(git: Git, old: str | None, new: str) -> list[Named]:
    """What the runs name that were added or changed between two tips of the runs branch.

    Args:
        git: the repository of the runs.
        old: a tip; None, or one that is not here any more, for an empty branch.
        new: another one.
    """
    wanted = [(path, oid) for path, oid in _changed(git, old, new).items() if _is_run(path)]
    contents = git.read_many(oid for _, oid in wanted)
    found: list[Named] = []
    for (path, _), (_, data) in zip(wanted, contents, strict=True):
        found += _named(path, data or b"")
    return found


def beside(git: Git, old: str | None, new: str) -> set[tuple[str, str]]:
    """Run id and path of the artifacts whose files were added to the branch between two tips."""
    found = set()
    for path in _changed(git, old, new):
        place = split_path(path)
        artifact = artifact_within(place[1]) if place else None
        if artifact is not None:
            found.add((_id_of(path), artifact))
    return found


def _changed(git: Git, old: str | None, new: str) -> dict[str, str]:
    """Path to object id of the files of runs that were added or changed."""
    if old == new:
        return {}
    if old is not None and _has(git, old):
        return {path: file.oid for path, file in changes(git, old, new).items() if file is not None}
    return {entry.path: entry.oid for entry in git.tree(new, ".runs")}


def _has(git: Git, oid: str) -> bool:
    return is_oid(oid) and not git.run("cat-file", "-e", f"{oid}^{{commit}}", check=False).status


def _is_run(path: str) -> bool:
    place = split_path(path)
    return place is not None and place[1].endswith("run.yaml") and is_listed(place[1])


def _named(path: str, data: bytes) -> list[Named]:
    """What the `run.yaml` of one attempt names; nothing where it cannot be read, which others say."""
    if b"sha256" not in data:
        return []
    try:
        return list(of_run(run_of(data, path, _id_of(path))))
    except MalformedFile:
        return []


def _id_of(path: str) -> str:
    place = split_path(path)
    return place[0].rpartition("/")[2] if place else ""


def everything(git: Git) -> dict[str, Named]:
    """All that any ref, live run or pending change names, by digest.

    Branches, topics, inboxes, copies of remotes, tags, the stash: every ref that has runs counts.
    """
    found: dict[str, Named] = {}
    for path, data in _texts(git):
        for one in _tokens(path, data):
            known = found.get(one.sha256)
            if known is None or (known.kind != "directory" and one.kind != "file"):
                found[one.sha256] = one
    return found


def _tokens(path: str, data: bytes) -> Iterator[Named]:
    digests = {match.decode() for match in _DIGEST.findall(data)}
    if not digests:
        return
    for one in _named(path, data) if _is_run(path) else ():
        digests.discard(one.sha256)
        yield one
    kind = "unknown" if b"directory" in data or path.startswith(f"{_ROOMS[1]}/") else "file"
    yield from (Named(sha256, kind, None, _id_of(path) or path) for sha256 in digests)


def _texts(git: Git) -> Iterator[tuple[str, bytes]]:
    """Everything that may name a content, as path and text."""
    blobs = {entry.oid: entry.path for tree in _trees(git) for entry in _entries(git, tree)}
    for (_, data), path in zip(git.read_many(blobs), blobs.values(), strict=True):
        yield path, data or b""
    for file in (*waiting(git), *_journals(git)):
        try:
            yield file.parent.name, file.read_bytes()
        except FileNotFoundError:  # committed meanwhile: `collect` looks at the refs again
            continue


def _journals(git: Git) -> Iterable[Path]:
    return sorted((git.directory / "live").glob("*/*.jsonl"))


class _Tree(NamedTuple):
    room: str
    oid: str


def _trees(git: Git) -> set[_Tree]:
    """The trees of runs that any ref has, each once."""
    refs = set(git.run("for-each-ref", "--format=%(objectname)").text.split())
    names = [f"{oid}:{room}" for oid in sorted(refs) for room in _ROOMS]
    asked = "".join(f"{name}\n" for name in names).encode()
    lines = git.run("cat-file", "--batch-check", stdin=asked).text.splitlines()
    answers = ((name, line.split(" ")) for name, line in zip(names, lines, strict=True))
    return {_Tree(name.rpartition(":")[2], line[0]) for name, line in answers if line[1:2] == ["tree"]}


def _entries(git: Git, tree: _Tree) -> Iterator[Entry]:
    for entry in git.tree(tree.oid):
        path = f"{tree.room}/{entry.path}"
        if path.endswith((".yaml", ".yml")) and not _is_bulk(path):
            yield entry._replace(path=path)


def _is_bulk(path: str) -> bool:
    """Environments hold digests of packages by the hundred, and artifacts are contents themselves."""
    place = split_path(path)
    within = place[1] if place else path
    return within.endswith("environment.yaml") or (place is not None and artifact_within(within) is not None)
