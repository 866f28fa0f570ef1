"""Writes to the registry: one writer of this machine at a time, each commit a compare-and-swap."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked
from gittrack.core.times import now_ms
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.registry.document import LARGEST_FILE, edit_file, new_id
from gittrack.store.registry.records import Edited
from gittrack.store.registry.settle import unclaimed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.records import Model

_PATIENCE = 60.0  # seconds to wait for another writer


class Stamps:
    """Ids, times and the author of what is written now; each id comes after all that is known.

    Args:
        git: whose author.
        model: what is known.
    """

    def __init__(self, git: Git, model: Model) -> None:
        name, mail = git.identity()
        self.author = f"{name} <{mail}>"
        self.time = now_ms()
        self._known = model.ids

    def next(self) -> str:
        """An id."""
        made = new_id(self._known, self.time)
        self._known.add(made)
        return made


@contextlib.contextmanager
def turn(git: Git) -> Iterator[None]:
    """One writer of the registry at a time, on this machine.

    Raises:
        GitTrackError: another one does not end.
    """
    try:
        with locked(git.directory / "registry.lock", timeout=_PATIENCE):
            yield
    except TimeoutError as error:
        msg = "another command changes the models of this repository"
        raise GitTrackError(msg, hint="wait for it to end, or end it") from error


def commit(git: Git, message: str, files: list[tuple[str, bytes]]) -> None:
    """Commit files to the branch that runs go to.

    Raises:
        GitTrackError: one is too large for a reader.
        GitFailed: Git cannot write.
    """
    large = [path for path, content in files if len(content) > LARGEST_FILE]
    if large:
        msg = f"{large[0]} would be larger than {LARGEST_FILE:,} bytes"
        raise GitTrackError(msg, hint="keep notes and tags short")
    branch.submit(git, Changes(message, dict(files)))


def number_files(model: Model, wanted: Mapping[str, int], stamps: Stamps) -> list[tuple[str, bytes]]:
    """The edits that give versions the numbers that they should have and do not claim."""
    return [
        edit_file(model.name, Edited(stamps.next(), one, stamps.time, stamps.author, number))
        for one, number in sorted(unclaimed(model, wanted).items())
    ]
