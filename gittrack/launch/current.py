"""What would run now: the code, data and environment as they are, beside a run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import GitTrackError, UsageError
from gittrack.query.changes.sides import sides
from gittrack.query.changes.whole import Differences, differences
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gittrack.core.records import Input, Run
    from gittrack.query.changes.whole import Part

WORK_TREE = "work tree"
"""Stands for the id of what would run now."""


class Current(NamedTuple):
    """A run as it would be now, and the document of its environment."""

    run: Run
    environment: dict[str, Any]


def diff_runs(
    *runs: str,
    work_tree: bool = False,
    only: Collection[Part] = (),
    everything: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> list[Differences]:
    """All that differs between runs: the first against each of the others.

    Args:
        runs: RUNs, or ranges `A..B` of commits or branches, which stand for their newest finished runs.
        work_tree: against the work tree as it is now: its code, data and environment.
        only: these parts (`params`, `metrics`, `code`, …), all when empty.
        everything: what is the same, too.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        One for each run but the first.

    Raises:
        RunNotFound, AmbiguousRun: a word names no run, or several.
        UsageError: there are fewer than two sides.
        InvalidValue: there is no such part.
    """
    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    return between(store, [one.run for one in sides(store, runs)], work_tree, only, everything=everything)


def between(
    store: RunStore,
    runs: list[Run],
    work_tree: bool,  # noqa: FBT001  one of the sides
    only: Collection[Part] = (),
    *,
    everything: bool = False,
) -> list[Differences]:
    """The same for runs of a store."""
    if len(runs) + work_tree < 2:  # noqa: PLR2004  two sides
        msg = "a diff has two sides"
        raise UsageError(msg, hint="name two runs, write A..B, or add --work-tree")
    first, *others = runs
    settings: dict[str, Any] = {"only": only, "everything": everything}
    found = [differences(store, first, other, **settings) for other in others]
    if work_tree:
        now = current(store, first)
        documents = store.environment(first.id), now.environment
        found.append(differences(store, first, now.run, environments=documents, **settings))
    return found


def current(store: RunStore, like: Run) -> Current:
    """A run as it would be if it were started now.

    Its code is a snapshot of the work tree, its data are the local files that the run used, its
    environment is that of the Python which its command names. All else is as in the run. Index, work
    tree and HEAD are not touched.

    Args:
        store: of the run.
        like: the run.

    Raises:
        UsageError: the current folder is not in a work tree.
    """
    from gittrack.tracking.environment import capture
    from gittrack.tracking.snapshot import take
    from gittrack.tracking.wrap_environment import python_of

    git = store.code
    if git is None or git.place.work_tree is None:
        msg = "there is no work tree here to compare with"
        raise UsageError(msg, hint="change to the repository of the code")
    top = git.place.work_tree
    source = replace(take(git, store.config, top), directory=like.source.directory, remote=like.source.remote)
    python = python_of(like.command, os.environ, launched=False) if like.command else None
    inputs = tuple(_inputs(store, like, top))
    run = replace(like, id=WORK_TREE, name="", source=source, inputs=inputs)
    return Current(run, capture(python, config=store.config))


def _inputs(store: RunStore, like: Run, top: Path) -> Iterator[Input]:
    """The inputs as they are: local files are read again, a file that is gone is left out."""
    from gittrack.tracking.inputs import Wanted, input_of

    for one in like.inputs:
        path = _local(one.uri, top)
        if path is None or one.kind not in {None, "file", "directory"}:
            yield one
        elif path.exists():
            try:
                yield replace(input_of(Wanted(path, one.name, one.context), store), uri=one.uri)
            except (GitTrackError, OSError):
                yield replace(one, sha256=None)


def _local(uri: str, top: Path) -> Path | None:
    """The file of an input in the work tree, None for what is elsewhere."""
    if not uri or "://" in uri or PurePath(uri).is_absolute() or ".." in PurePath(uri).parts:
        return None
    return top / uri
