"""What a run made, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import MalformedFile
from gittrack.store.kept.choosing import File, chosen, things

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gittrack.core.records import Artifact, Run
    from gittrack.store.kept.places import Kept


class Listed(NamedTuple):
    """One line of a listing.

    Attributes:
        path: within the run.
        kind: `file` or `directory`.
        size: in bytes; of all its files for a directory.
        sha256: digest; of the manifest for a directory.
        where: `here`, `cache`, `branch`, `store`, `partly` (a directory of which not all is here), or
            `elsewhere` (on another machine, as far as is known), or `damaged` (a manifest that cannot
            be read).
    """

    path: str
    kind: str
    size: int
    sha256: str
    where: str

    @property
    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return self.kind == "directory"

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


def lacking(kept: Kept, run: Run) -> list[str]:
    """The files of a run that can be had nowhere: not here, nor on the runs branch, nor in the store.

    Of a directory whose list of files is not here the store is asked for that list alone: it is sent last.

    Args:
        kept: what is here, and the store, which is asked once.
        run: whose.

    Raises:
        StoreError: the store refuses or cannot be reached.
    """
    beside = kept.beside(run.id)
    away: dict[str, str] = {}
    for one in run.artifacts:
        away |= {sha256: path for path, sha256 in _files(kept, one) if path not in beside}
    away = {sha256: path for sha256, path in away.items() if kept.place(sha256) is None}
    there = kept.remote.has_many(away) if away and kept.url is not None else {}
    return sorted(path for sha256, path in away.items() if sha256 not in there)


def _files(kept: Kept, one: Artifact) -> Iterator[tuple[str, str]]:
    yield one.path, one.sha256
    if one.kind == "directory":
        try:
            members = kept.manifest(one.sha256)
        except MalformedFile:
            members = None
        for member in members or ():
            yield f"{one.path}/{member.path}", member.sha256


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
