"""The code ref: keeps the code of every recorded run reachable.

`refs/gittrack/code` is a chain of commits with an empty tree; the parents after the first are the
recorded snapshots. One ref, however many runs.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.files import write_atomic
from gittrack.store.plumbing.git import CODE, is_oid
from gittrack.store.plumbing.refs import Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gittrack.store.commit.commits import Commits
    from gittrack.store.plumbing.git import Git

_MESSAGE = "gittrack: code of runs"
_PARENTS = 12  # snapshots a commit; Git advises against more than 16 parents


def extend(git: Git, commits: Commits, snapshots: Sequence[str]) -> list[Move]:
    """Write the commits that take snapshots into the chain; gives the move of the ref, if any."""
    if not snapshots:
        return []
    old = git.resolve(CODE)
    tip = old
    empty = commits.write(b"tree", b"")
    for start in range(0, len(snapshots), _PARENTS):
        parents = [*([tip] if tip else []), *snapshots[start : start + _PARENTS]]
        tip = commits.commit(empty, parents, _MESSAGE)
    return [Move(CODE, tip or "", old)]


def not_kept(git: Git, snapshots: Iterable[str]) -> list[str]:
    """The snapshots that the ref does not hold yet, each once; what is no commit here is left out."""
    wanted = [oid for oid in dict.fromkeys(snapshots) if is_oid(oid)]
    code = git.resolve(CODE)
    if code is None:
        return [oid for oid in wanted if _answer(git, "cat-file", "-e", f"{oid}^{{commit}}") == 0]
    with contextlib.suppress(OSError):
        seen = (git.directory / "kept").read_text().split()
        if seen and seen[0] == code:
            wanted = [oid for oid in wanted if oid not in seen]
    # 0: the ref has it, 1: it has not, anything else: there is no such commit
    return [oid for oid in wanted if _answer(git, "merge-base", "--is-ancestor", oid, code) == 1]


def remember(git: Git, snapshots: Sequence[str]) -> None:
    """Note what the ref holds as it stands: saves a process a run."""
    if not snapshots:
        return
    path = git.directory / "kept"
    known: list[str] = []
    with contextlib.suppress(OSError):
        known = path.read_text().split()[1:]
    code = git.resolve(CODE)
    if code is not None:
        with contextlib.suppress(OSError):
            write_atomic(path, "\n".join([code, *known[-200:], *snapshots]).encode())


def _answer(git: Git, *words: str) -> int:
    return git.run(*words, check=False).status
