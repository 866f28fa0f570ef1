"""`git fast-import`: how much is written at once, and how merges are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed, RefMoved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.store.plumbing.git import Git


def fast_import(git: Git, stream: Iterable[bytes]) -> None:
    """Run `git fast-import` over a stream.

    It is a compare-and-swap: a branch that no longer contains the commit that the stream starts
    `from` is not moved.

    Raises:
        RefMoved: a ref was no longer where the stream starts from.
        GitFailed: anything else.
    """
    words = ("fast-import", "--quiet", "--done", "--date-format=raw")
    result = git.run(*words, stdin=b"".join(stream) + b"done\n", check=False)
    if result.status == 0:
        return
    for report in git.place.git_dir.glob("fast_import_crash_*"):
        report.unlink(missing_ok=True)
    if "does not contain" in result.err or "Not updating" in result.err:
        msg = "the runs branch moved meanwhile"
        raise RefMoved(msg)
    raise GitFailed(words, result.status, result.err)


def quote_path(path: str) -> bytes:
    """A path as fast-import reads it, whatever it contains."""
    raw = path.encode(errors="surrogateescape")
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'


def data(content: bytes) -> bytes:
    """A `data` command."""
    return b"data %d\n%s\n" % (len(content), content)


def signature(git: Git) -> bytes:
    """Who commits and when, as commits say it."""
    name, mail = git.identity()
    return f"{name} <{mail}> {int(time.time())} +0000".encode()


def commit_head(git: Git, ref: str, message: str, *, parent: str | None, mark: str | None = None) -> bytes:
    """The head of a `commit` command by the user, now."""
    who = signature(git)
    label = b"mark %s\n" % mark.encode() if mark else b""
    head = b"commit %s\n%sauthor %s\ncommitter %s\n" % (ref.encode(), label, who, who)
    return head + data(message.encode()) + (b"from %s\n" % parent.encode() if parent else b"")
