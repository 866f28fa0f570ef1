"""What changed in the code between two runs, file by file, asked of Git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.changes.diff import code_of
from gittrack.query.review.values import CodeChange
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore


def code_change(store: RunStore, before: Run, after: Run) -> CodeChange:
    """The files that differ between the snapshots of two runs."""
    old, new = code_of(before), code_of(after)
    for run, oid in ((before, old), (after, new)):
        if oid is None or not is_oid(oid):
            return CodeChange(old, new, missing=f"the code of {run.id} was not recorded")
    left, right = str(old), str(new)
    for git in (store.code, store.git):
        if git is not None and _has(git, left) and _has(git, right):
            out = git.run(
                "diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", left, right, "--"
            ).out
            return CodeChange(left, right, dict(_files(out.decode(errors="replace"))))
    return CodeChange(left, right, missing="a snapshot is not in this clone, `gittrack pull` may fetch it")


def _files(out: str) -> list[tuple[str, tuple[int, int] | None]]:
    rows = (line.split("\t", 2) for line in out.split("\0") if line)
    return [
        (path, (int(added), int(removed)) if added.isdecimal() and removed.isdecimal() else None)
        for added, removed, path in rows
    ]


def _has(git: Git, oid: str) -> bool:
    return git.run("cat-file", "-e", f"{oid}^{{commit}}", check=False).status == 0
