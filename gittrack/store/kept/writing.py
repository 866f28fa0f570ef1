"""Writing the files of a run where the user wants them: never over a file of theirs, never elsewhere.

Paths come from other clones. Each is held against `manifest.is_safe`, and a link to a folder below the
target is not gone through.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts import transfer
from gittrack.artifacts.content import digest_of
from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.store.kept.choosing import chosen
from gittrack.store.kept.fetching import NotHere, bring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from gittrack.core.records import Run
    from gittrack.store.kept.choosing import File
    from gittrack.store.kept.fetching import Watch
    from gittrack.store.kept.places import Kept

_AT_ONCE = 1 << 30  # bytes that are fetched before they are written, so that the cache need not hold all
_SHOWN = 3


class InTheWay(GitTrackError):
    """A file of the user's is where one should be written."""


class Written(NamedTuple):
    """One file that was asked for.

    Attributes:
        path: within the run.
        target: where it is.
        size: in bytes.
        new: whether it was written; False where the same content was there already.
    """

    path: str
    target: Path
    size: int
    new: bool

    def to_record(self) -> dict[str, object]:
        """For `--json`."""
        return {**self._asdict(), "target": str(self.target)}


def get(
    kept: Kept,
    run: Run,
    patterns: Sequence[str],
    folder: Path,
    *,
    force: bool = False,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> list[Written]:
    """Write files of a run below a folder, under the paths that they have in the run.

    Nothing is written if anything is in the way. What broke goes on where it stopped: files that are
    there already with the right content are left, and downloads are resumed.

    Args:
        kept: what is here, and the store.
        run: whose.
        patterns: as in `choosing.chosen`.
        folder: where to; made when it is missing.
        force: write over files that are in the way.
        jobs: how many objects to fetch at once.
        progress: called while they come.

    Raises:
        ArtifactNotFound, NotHere, StoreError: as in `choosing.chosen` and `fetching.bring`.
        InTheWay: there is another file in the place of one.
        InvalidValue: a path would leave the folder.
        OSError: the folder cannot be written.
    """
    files = chosen(kept, run, patterns, progress=progress)
    todo = dict(_look(file, folder, force=force) for file in files)
    _refuse([folder / file.path for file, state in todo.items() if state == "other"])
    for batch in _batches([file for file, state in todo.items() if state == "absent"]):
        bring(kept, run, batch, jobs=jobs, progress=progress)
        for file in batch:
            _write(kept, file, folder, force=force)
        kept.cache.trim()
    return [Written(one.path, folder / one.path, one.size, todo[one] == "absent") for one in files]


def stream(
    kept: Kept,
    run: Run,
    path: str,
    out: BinaryIO,
    *,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> None:
    """Write one file of a run to an open one.

    Raises:
        InvalidValue: the path means several files.
        ArtifactNotFound, NotHere, StoreError: as in `choosing.chosen` and `fetching.bring`.
        ObjectDamaged: the content has changed since it was stored; what was written is not to be used.
    """
    files = chosen(kept, run, [path], progress=progress)
    if len(files) > 1:
        msg = f"{path} means {len(files):,} files, and standard output takes one"
        raise InvalidValue(msg, hint="name one of them, or a folder with -o")
    bring(kept, run, files, jobs=jobs, progress=progress)
    _pour(kept, files[0], out)
    kept.cache.trim()


def _pour(kept: Kept, file: File, out: BinaryIO) -> None:
    from gittrack.artifacts.objects import ObjectDamaged

    digest = hashlib.sha256()
    with _found(kept, file).open("rb") as source:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != file.sha256:
        msg = f"{file.path} has changed since it was stored"
        raise ObjectDamaged(msg, hint="gittrack artifacts verify lists all such objects")


def _look(file: File, folder: Path, *, force: bool) -> tuple[File, str]:
    """What is in the place of a file: `absent` (it is to be written), `same`, or `other`."""
    if not is_safe(file.path):
        msg = f"unsafe path {file.path[:200]!r}"
        raise InvalidValue(msg, hint="somebody recorded it wrongly, or means harm")
    _stay_below(file.path, folder)
    target = folder / file.path
    if not os.path.lexists(target):
        return file, "absent"
    if _is(target, file):
        return file, "same"
    return file, "absent" if force and not (target.is_dir() and not target.is_symlink()) else "other"


def _stay_below(path: str, folder: Path) -> None:
    """Raise where a folder on the way to a file is a link, or a file."""
    here = folder
    for part in path.split("/")[:-1]:
        here /= part
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            what = "a link" if here.is_symlink() else "a file"
            msg = f"{here} is {what}: nothing is written through it"
            raise InTheWay(msg, hint="name another folder with -o")


def _is(target: Path, file: File) -> bool:
    try:
        if target.is_symlink() or not target.is_file() or target.stat().st_size != file.size:
            return False
        with target.open("rb") as opened:
            return digest_of(opened).sha256 == file.sha256
    except OSError:
        return False


def _refuse(taken: Sequence[Path]) -> None:
    if taken:
        shown = ", ".join(map(str, taken[:_SHOWN])) + (", …" if taken[_SHOWN:] else "")
        what = "is another file" if len(taken) == 1 else f"are {len(taken):,} other files"
        msg = f"there {what} in the way: {shown}"
        raise InTheWay(msg, hint="name another folder with -o, or write over with --force")


def _batches(files: Sequence[File]) -> Iterator[list[File]]:
    batch: list[File] = []
    size = 0
    for file in files:
        if batch and size + file.size > _AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _write(kept: Kept, file: File, folder: Path, *, force: bool) -> None:
    target = folder / file.path
    _stay_below(file.path, folder)  # again: a download takes its time
    target.parent.mkdir(parents=True, exist_ok=True)
    if not force and os.path.lexists(target):  # a system that does not tell `A` from `a`
        _refuse([target])
    kept.here.copy_to(file.sha256, target)


def _found(kept: Kept, file: File) -> Path:
    path = kept.find(file.sha256)
    if path is None:
        msg = f"{file.path} was removed from the cache while it was used"
        raise NotHere(msg, hint="try again; `gittrack config artifacts.cache_limit` sets its size")
    return path
