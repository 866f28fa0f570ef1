"""What runs are held against: asked for, else what the pull request started from.

The ladder, from which the first that gives runs is taken:

1. what `--base` names: runs (`models:/NAME@ALIAS` too), a FILTER, or a Git revision (a tag, a branch, a
   commit);
2. the registry's champion of the same experiment, where there is one;
3. the latest finished runs of the merge base, or of its nearest ancestor that has any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import SelectionError
from gittrack.query.review import selection
from gittrack.query.review.champion import champion_of
from gittrack.query.review.commits import (
    ancestors,
    code_git,
    commit_of,
    default_target,
    fetch_hint,
    is_shallow,
    merge_base,
)
from gittrack.query.review.seeds import one_a_seed, repetitions
from gittrack.query.review.selection import NoBaseline, of_commits, settled, short
from gittrack.query.review.values import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.query.review.selection import Head
    from gittrack.store.runs import RunStore


def baseline_of(
    store: RunStore, head: Head, asked: Sequence[str] = (), *, target: str | None = None
) -> Group:
    """What the runs are held against.

    Args:
        store: where to look.
        head: the runs under review.
        asked: what `--base` names.
        target: the branch that changes go to, where the runs came from no range.

    Raises:
        NoBaseline: there is nothing to hold them against.
        SelectionError: what was asked for does not exist.
    """
    if asked:
        return _asked(store, head, asked)
    return champion_of(store, head) or _of_history(store, head, target)


def _asked(store: RunStore, head: Head, words: Sequence[str]) -> Group:
    taken = {run.id for run in head.group.runs}
    runs: dict[str, Run] = {}
    for word in words:
        found = selection.among(store, word)
        if found is None:
            if len(words) > 1:
                msg = f"no run {word[:80]!r}"
                raise SelectionError(msg, hint="several baselines are runs or filters")
            return _of_revision(store, head, word)
        runs |= {run.id: run for run in found if run.id not in taken}
    if not runs:
        msg = "the baseline has no finished run besides those under review"
        raise NoBaseline(msg, hint="`gittrack ls` shows what there is")
    kept, left_out = one_a_seed(sorted(runs.values(), key=lambda run: (run.start_time, run.id), reverse=True))
    label = kept[0].name or kept[0].id if len(kept) == 1 else " ".join(words)[:80]
    return Group(label, "asked for", kept, kept[0].source.commit, left_out)


def _of_revision(store: RunStore, head: Head, word: str) -> Group:
    git = code_git(store)
    commit = commit_of(git, word)
    if commit is None:
        msg = f"no run and no commit {word[:80]!r}"
        raise SelectionError(msg, hint=f"`gittrack ls` lists the runs; {fetch_hint(git, word)}")
    found = _nearest(store, head, commit, word)
    if found is None:
        raise _none(store, f"neither {word[:80]} nor an ancestor of it has a finished run")
    return found


def _of_history(store: RunStore, head: Head, target: str | None) -> Group:
    git = code_git(store)
    if head.span is not None:
        start, name = head.span.base, head.span.left
        if start is None:
            raise _none(store, f"{head.span.left} and {head.span.right} have no common ancestor here")
    else:
        name = target or _target(store)
        start = _fork(store, head, name)
    found = _nearest(store, head, start, name) if start is not None and commit_of(git, start) else None
    if found is None:
        where = f"the merge base with {name}" if name else "an ancestor"
        raise _none(store, f"no finished run of {where} or of an ancestor of it")
    return found


def _target(store: RunStore) -> str:
    try:
        return default_target(code_git(store))
    except SelectionError:
        return ""


def _fork(store: RunStore, head: Head, target: str) -> str | None:
    """Where the code of named runs left the target; its parent where it is on the target itself."""
    git = code_git(store)
    commit = head.group.commit and commit_of(git, head.group.commit)
    if not commit:
        return None
    main = commit_of(git, target) if target else None
    base = merge_base(git, main, commit) if main else None
    return commit_of(git, f"{commit}^") if base in {None, commit} else base


def _nearest(store: RunStore, head: Head, start: str, name: str) -> Group | None:
    taken = {run.id for run in head.group.runs}
    experiments = {run.experiment for run in head.group.runs}
    for batch in ancestors(code_git(store), start):
        runs = [
            run
            for run in settled(store, of_commits(store, batch, experiments), batch)
            if run.status == "finished" and not run.source.dirty and run.id not in taken
        ]
        chosen = next((commit for commit in batch if any(run.source.commit == commit for run in runs)), None)
        if chosen is not None:
            found = repetitions([run for run in runs if run.source.commit == chosen], head.group.runs)
            how = "its latest finished runs" if chosen == start else "nearest ancestor with finished runs"
            return Group(f"{name or 'parent'}@{short(chosen)}", how, found.runs, chosen, found.left_out)
    return None


def _none(store: RunStore, message: str) -> NoBaseline:
    if is_shallow(code_git(store)):
        hint = "this clone is shallow: `git fetch --unshallow`, in CI `fetch-depth: 0`"
    else:
        hint = "`gittrack pull` fetches the runs of others; --base names a run, a filter or a commit"
    return NoBaseline(message, hint=hint)
