"""Moves refs, all or none.

A ref that has a file of its own is moved the way Git's files backend moves it: `<ref>.lock` is made,
which fails where it exists; the ref is read again; the lock file is renamed over it. That saves a
process for every run. New refs, packed ones, other backends (reftable) and repositories shared by a
group are left to `git update-ref --stdin`, a transaction of the same kind.

Source: gitrepository-layout(5) and Git's refs/files-backend.c.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitFailed, RefMoved
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gittrack.store.plumbing.git import Git

_WORDS = ("update-ref", "--stdin")
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Move(NamedTuple):
    """A ref and where it goes: from `old` (None when it is new) to `new`."""

    ref: str
    new: str
    old: str | None


class _NotLoose(Exception):
    """The ref has no file of its own."""


def move(git: Git, moves: Sequence[Move], who: bytes) -> None:
    """Move refs, all or none.

    Args:
        git: the repository.
        moves: each from where it was read.
        who: name, mail and time for the reflog.

    Raises:
        RefMoved: one of them is not where it was.
        GitFailed: anything else.
    """
    if git.has_plain_refs() and all(move.old for move in moves):
        with contextlib.suppress(_NotLoose):
            _by_files(git, moves, who)
            return
    _by_command(git, moves)


def _by_files(git: Git, moves: Sequence[Move], who: bytes) -> None:
    paths = [git.place.common_dir / move.ref for move in moves]
    with contextlib.ExitStack() as held:
        for path, one in sorted(zip(paths, moves, strict=True)):
            held.enter_context(_lock(path, one.new))
            _check(path, one)
        for path, one in zip(paths, moves, strict=True):
            _note(git, one, who)
            _lock_of(path).replace(path)


def _check(path: Path, one: Move) -> None:
    try:
        now = path.read_text().strip()
    except (OSError, ValueError) as error:
        raise _NotLoose from error
    if not is_oid(now):  # a symbolic ref
        raise _NotLoose
    if now != one.old:
        raise _moved(one)


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


@contextlib.contextmanager
def _lock(path: Path, oid: str) -> Iterator[None]:
    """Hold the lock file of a ref, with the new value in it; it is gone afterwards in any case."""
    lock = _lock_of(path)
    try:
        descriptor = os.open(lock, _CREATE, 0o666)
    except FileExistsError as error:
        raise GitFailed(_WORDS, 128, f"Unable to create '{lock}': File exists.") from error
    except OSError as error:  # there is no folder, or it cannot be written: Git says it better
        raise _NotLoose from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(oid.encode() + b"\n")
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            lock.unlink()


def _note(git: Git, one: Move, who: bytes) -> None:
    """Append to the reflog, where Git keeps one."""
    log = git.place.common_dir / "logs" / one.ref
    with contextlib.suppress(OSError):
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "ab") as file:
            file.write(b"%s %s %s\n" % ((one.old or "").encode(), one.new.encode(), who))


def _by_command(git: Git, moves: Sequence[Move]) -> None:
    zero = "0" * len(moves[0].new)
    lines = [f"update {one.ref} {one.new} {one.old or zero}\n" for one in moves]
    result = git.run(*_WORDS, stdin="".join(lines).encode(), check=False)
    if result.status == 0:
        return
    if "but expected" in result.err or "already exists" in result.err:
        raise _moved(moves[0])
    raise GitFailed(_WORDS, result.status, result.err)


def _moved(one: Move) -> RefMoved:
    msg = f"{one.ref} moved meanwhile"
    return RefMoved(msg)
