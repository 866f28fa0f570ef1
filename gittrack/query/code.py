"""The difference between the code of two runs, by `git diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.query.diff import code_of
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore


class CodeDiff(NamedTuple):
    """What `git diff` says, or why it cannot.

    Attributes:
        text: its output, with escape sequences for colours where asked for.
        missing: what is not here, None when all is.
    """

    text: str = ""
    missing: str | None = None


def code_diff(
    store: RunStore, before: Run, after: Run, *, patch: bool = True, colours: bool = False, width: int = 80
) -> CodeDiff:
    """Compare the snapshots of two runs, as summary and patch.

    Args:
        store: whose code repository, or else its own, has the snapshots.
        before: the first run.
        after: the second.
        patch: the changes line by line, not only the summary.
        colours: as for a terminal.
        width: columns of the summary.
    """
    oids = []
    for run in (before, after):
        oid = code_of(run)
        if oid is None or not is_oid(oid):
            return CodeDiff(missing=f"the code of {run.id} was not recorded")
        oids.append(oid)
    places = [one for one in (store.code, store.git) if one is not None]
    for git in places:
        if all(_has(git, oid) for oid in oids):
            words = ["--stat", *(["--patch"] if patch else [])]
            words += [f"--stat-width={width}", f"--color={'always' if colours else 'never'}"]
            safe = ("--no-ext-diff", "--no-textconv", "--end-of-options")
            out = git.run("diff", *words, *safe, *oids, "--").out
            return CodeDiff(out.decode(errors="replace"))
    absent = next(oid for oid in oids if not any(_has(git, oid) for git in places))
    return CodeDiff(missing=f"commit {absent[:10]} is not in this clone, `gittrack pull` may fetch it")


def _has(git: Git, oid: str) -> bool:
    return git.run("cat-file", "-e", f"{oid}^{{commit}}", check=False).status == 0
