"""The commits that a review is about, asked of Git: ranges, merge bases, ancestors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gittrack.core.errors import SelectionError
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

_FARTHEST = 20_000  # commits that are followed
_TARGETS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_BATCH = 400  # commits asked for at once


@dataclass(frozen=True, slots=True)
class Range:
    """What a pull request brings.

    Attributes:
        text: as it was written, or made from the default.
        left: name of the branch that it goes to.
        right: name of what it brings.
        base: the merge base, None where there is none.
        commits: those of `right` that `left` has not, the newest first.
    """

    text: str
    left: str
    right: str
    base: str | None
    commits: tuple[str, ...]


def code_git(store: RunStore) -> Git:
    """The repository whose commits are the code."""
    return store.code or store.git


def is_range(word: str) -> bool:
    """Whether a word is `BASE..HEAD`, with either end left out or not."""
    return ".." in word and not word.startswith("@")


def commit_of(git: Git, name: str) -> str | None:
    """The commit that a revision stands for, None without one."""
    return git.resolve(f"{name}^{{commit}}")


def range_of(git: Git, word: str, target: str | None = None) -> Range:
    """The range that a word names.

    Args:
        git: the repository of the code.
        word: `BASE..HEAD` (or `BASE...HEAD`: both mean what HEAD brings); an end that is left out is the
            target and `HEAD`.
        target: the branch that changes go to; when None `origin/HEAD`, `origin/main`, `main` and so on.

    Raises:
        SelectionError: an end is no commit here.
    """
    left, _, right = word.partition("...") if "..." in word else word.partition("..")
    left, right = left.strip() or target or default_target(git), right.strip() or "HEAD"
    ends = [commit_of(git, name) for name in (left, right)]
    for name, oid in zip((left, right), ends, strict=True):
        if oid is None:
            msg = f"no commit {name[:80]!r} in this clone"
            raise SelectionError(msg, hint=fetch_hint(git, name))
    old, new = str(ends[0]), str(ends[1])
    listed = git.run("rev-list", "--topo-order", f"--max-count={_FARTHEST}", new, f"^{old}", "--").text
    return Range(f"{left}..{right}", left, right, merge_base(git, old, new), tuple(listed.split()))


def default_target(git: Git) -> str:
    """The branch that changes go to.

    Raises:
        SelectionError: there is none of the usual ones.
    """
    for name in _TARGETS:
        if commit_of(git, name) is not None:
            return name
    msg = "no branch to compare with: there is no origin/HEAD, main or master"
    raise SelectionError(msg, hint="write BASE..HEAD, or name the runs and --base")


def merge_base(git: Git, left: str, right: str) -> str | None:
    """The best common ancestor of two commits (whole object ids), None without one."""
    result = git.run("merge-base", left, right, check=False)
    return result.text.split("\n")[0] if result.status == 0 and result.text else None


def ancestors(git: Git, commit: str) -> Iterator[list[str]]:
    """A commit and its ancestors in batches, the nearest first: along first parents, then all."""
    for extra in (("--first-parent",), ()):
        words = ("rev-list", *extra, f"--max-count={_FARTHEST}", commit, "--")
        oids = iter(git.run(*words, check=False).text.split())
        size = _BATCH // 8
        while batch := list(islice(oids, size)):
            yield batch
            size = _BATCH


def trees(git: Git, commits: Sequence[str]) -> dict[str, str]:
    """Commit to the tree that it has; commits that are not here are left out."""
    known = [oid for oid in dict.fromkeys(commits) if is_oid(oid)]
    asked = "".join(f"{oid}^{{tree}}\n" for oid in known).encode()
    out = git.run("cat-file", "--batch-check=%(objectname)", stdin=asked).text.split("\n")
    return {oid: tree for oid, tree in zip(known, out, strict=False) if is_oid(tree)}


def is_shallow(git: Git) -> bool:
    """Whether the clone has only the newest commits."""
    return git.run("rev-parse", "--is-shallow-repository", check=False).text == "true"


def fetch_hint(git: Git, name: str) -> str:
    """What to do where a commit is not here."""
    if is_shallow(git):
        return "this clone is shallow: `git fetch --unshallow`, in CI `fetch-depth: 0`"
    return f"`git fetch` may bring it; is {name[:80]!r} spelled right?"
