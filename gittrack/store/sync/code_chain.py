"""The chain that keeps code snapshots reachable, between repositories.

A chain is made of commits with an empty tree whose parents are the snapshots and earlier commits of
the chain. Two chains are joined by one more such commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.files import locked
from gittrack.store.commit import branch
from gittrack.store.commit.commits import Commits
from gittrack.store.plumbing.git import CODE
from gittrack.store.plumbing.refs import Move
from gittrack.store.sync.fold import heads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.store.plumbing.git import Git

CODE_HEAD = "refs/heads/gittrack/code"
"""Where the chain is on a host that takes branches only."""
MESSAGE = "gittrack: code of runs"
SNAPSHOT = "gittrack snapshot"
"""Subject of a commit that holds uncommitted work."""
_PARENTS = 12


class Publication(NamedTuple):
    """What of the chain is to be pushed.

    Attributes:
        oid: its tip, None when the remote has all of it.
        uncommitted: how many snapshots of uncommitted work become public.
    """

    oid: str | None
    uncommitted: int


class _Commit(NamedTuple):
    tree: str
    parents: tuple[str, ...]
    subject: str


def remote_tips(refs: Mapping[str, str]) -> dict[str, str]:
    """The chains among the refs of a remote, those of inboxes included."""
    return {
        ref: oid
        for ref, oid in refs.items()
        if ref in {CODE, CODE_HEAD} or ("/inbox/" in ref and ref.endswith("/code"))
    }


def join(git: Git, tips: Iterable[str]) -> bool:
    """Make the chain of this repository contain others; whether that changed it.

    Raises:
        GitFailed: Git cannot write.
    """
    wanted = list(dict.fromkeys(tips))
    if not wanted:
        return False
    moved = []
    with locked(git.directory / "writer.lock"):
        branch.retrying(git, lambda: moved.append(_join(git, wanted)))
    return moved[-1]


def publication(git: Git, theirs: Mapping[str, str], policy: str) -> Publication:
    """What to push of the chain.

    Args:
        git: the repository of the code.
        theirs: from :func:`remote_tips`.
        policy: `all`, `committed` (without snapshots of uncommitted work) or `none`.
    """
    tip = git.resolve(CODE)
    if tip is None or policy == "none":
        return Publication(None, 0)
    known = theirs.get(CODE) or theirs.get(CODE_HEAD)
    fresh = _fresh(git, tip, theirs.values())
    if policy == "all":
        private = sum(commit.subject == SNAPSHOT for commit in fresh.values())
        return Publication(tip if tip != known else None, private)
    wanted = [*heads(git, theirs.values()), *_committed(git, fresh)]
    return Publication(None if wanted in ([], [known]) else chain(git, wanted), 0)


def chain(git: Git, parents: Sequence[str]) -> str:
    """A chain of commits that keeps others reachable; its tip. The first stays the first parent."""
    commits = Commits(git)
    empty = commits.write(b"tree", b"")
    tip, rest = parents[0], list(parents[1:])
    while rest or not _is_chain(git, tip, empty):
        part, rest = rest[:_PARENTS], rest[_PARENTS:]
        tip = commits.commit(empty, [tip, *part], MESSAGE)
    return tip


def _join(git: Git, wanted: Sequence[str]) -> bool:
    ours = git.resolve(CODE)
    tips = heads(git, [ours, *wanted] if ours else wanted)
    if tips == [ours]:
        return False
    Commits(git).move([Move(CODE, chain(git, tips), ours)])
    return True


def _fresh(git: Git, tip: str, theirs: Iterable[str]) -> dict[str, _Commit]:
    """All commits that the remote's chains do not contain."""
    words = ("log", "-z", "--format=%H%n%T%n%P%n%s", tip, *(f"^{oid}" for oid in theirs), "--")
    out = git.run(*words).out.decode(errors="replace")
    found = {}
    for record in out.split("\0"):
        if record:
            oid, tree, parents, subject = record.split("\n", 3)
            found[oid] = _Commit(tree, tuple(parents.split()), subject)
    return found


def _committed(git: Git, fresh: dict[str, _Commit]) -> list[str]:
    """What a chain without snapshots of uncommitted work must keep: those it has, their parents else."""
    empty = Commits(git).write(b"tree", b"")
    links = {
        oid for oid, one in fresh.items() if one.tree == empty and one.subject.startswith("gittrack: code")
    }
    leaves = [parent for oid in links for parent in fresh[oid].parents if parent not in links]
    wanted: dict[str, None] = {}
    for oid in leaves:
        if oid in fresh:
            private = fresh[oid].subject == SNAPSHOT
            wanted.update(dict.fromkeys(fresh[oid].parents if private else (oid,)))
    return [oid for oid in wanted if oid in fresh]


def _is_chain(git: Git, oid: str, empty: str) -> bool:
    return git.resolve(f"{oid}^{{tree}}") == empty
