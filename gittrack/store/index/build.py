"""Which runs changed between two commits of the runs branch, and their files.

Everything streams: a build never holds more than a batch of runs.
"""

from __future__ import annotations

import contextlib
import threading
from typing import IO, TYPE_CHECKING, NamedTuple

from gittrack.store.format.layout import ROOT, is_listed, split_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.store.plumbing.git import Git

_CHUNK = 1 << 16


class Place(NamedTuple):
    """The directory of a run, and path in it to object id of its listed files."""

    path: str
    files: dict[str, str]


class Loaded(NamedTuple):
    """A place with the contents of its files; missing objects are left out."""

    place: Place
    contents: dict[str, bytes]


def places(git: Git, commit: str) -> Iterator[Place]:
    """Every run of a commit, in the order of their paths.

    Raises:
        GitFailed: the commit cannot be read.
    """
    current = Place("", {})
    with git.open("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{ROOT}/") as (_, stdout):
        for line in _split(stdout):
            head, _, path = line.partition("\t")
            found = split_path(path)
            if found is None or not is_listed(found[1]) or not head.startswith("100"):
                continue
            if found[0] != current.path:
                if current.files:
                    yield current
                current = Place(found[0], {})
            current.files[found[1]] = head.rsplit(" ", 1)[1]
    if current.files:
        yield current


def changes(git: Git, old: str, new: str) -> Iterator[tuple[str, str, str | None]]:
    """The listed files that differ: directory of the run, path in it, object id or None when gone.

    Raises:
        GitFailed: one of the commits is not there any more.
    """
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new, "--", f"{ROOT}/")
    with git.open(*words) as (_, stdout):
        parts = _split(stdout)
        for head in parts:
            found = split_path(next(parts))
            if found is None or not is_listed(found[1]):
                continue
            _, mode, _, oid, _ = head.split(" ")
            yield found[0], found[1], oid if mode.startswith("100") else None


def load(git: Git, wanted: Sequence[Place]) -> Iterator[Loaded]:
    """The contents of the files of many runs, in order, by one Git process.

    Raises:
        GitFailed: Git cannot read.
    """
    with git.open("cat-file", "--batch", "--buffer") as (stdin, stdout):
        feeder = threading.Thread(target=_feed, args=(stdin, wanted), daemon=True)
        feeder.start()
        for place in wanted:
            contents = {}
            for name in place.files:
                if (content := _object(stdout)) is not None:
                    contents[name] = content
            yield Loaded(place, contents)
        feeder.join()


def _feed(stdin: IO[bytes], wanted: Sequence[Place]) -> None:
    """Ask for all files."""
    with contextlib.suppress(OSError):  # Git ended: its exit status says why
        stdin.write("".join([f"{oid}\n" for place in wanted for oid in place.files.values()]).encode())
        stdin.close()


def _object(stdout: IO[bytes]) -> bytes | None:
    header = stdout.readline()
    if not header or header.endswith(b" missing\n"):
        return None
    return stdout.read(int(header[header.rindex(b" ") :]) + 1)[:-1]


def _split(stdout: IO[bytes]) -> Iterator[str]:
    rest = b""
    while chunk := stdout.read(_CHUNK):
        *parts, rest = (rest + chunk).split(b"\0")
        for part in parts:
            yield part.decode(errors="surrogateescape")
