"""Which runs are under review, and what they are held against; the choice is explicit and told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, RunNotFound, SelectionError
from gittrack.query.filter.nodes import And, Compare, Field
from gittrack.query.filter.parser import parse
from gittrack.query.review.commits import code_git, is_range, range_of, trees
from gittrack.query.review.seeds import one_a_seed, repetitions
from gittrack.query.review.values import Group
from gittrack.query.search import find
from gittrack.query.select import resolve

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gittrack.core.records import Run
    from gittrack.query.review.commits import Range
    from gittrack.store.runs import RunStore

REPRODUCES = "gittrack.reproduces"
"""Tag of a repetition: the run that it repeats."""
VERDICT = "gittrack.verdict"
"""Tag of a run that was repeated: what came of it."""
_FILTER = re.compile(r"[=<>]|\s(?:in|like|ilike|is|not)\s", re.IGNORECASE)
_COMMIT = Field("attributes", "commit")
_NO_BASELINE = 3
_LOOKED_AT = 1000  # newest commits whose trees are held against snapshots


class NoRuns(SelectionError):
    """No finished run is there to review."""


class NoBaseline(GitTrackError):
    """There is nothing comparable to hold the runs against."""

    exit_code = _NO_BASELINE


@dataclass(frozen=True, slots=True)
class Head:
    """The runs under review and where they stand.

    Attributes:
        group: the runs.
        span: the range that they came from, None where they were named.
        unfinished: runs of the same commit that did not finish.
    """

    group: Group
    span: Range | None = None
    unfinished: tuple[Run, ...] = ()


def is_filter(word: str) -> bool:
    """Whether a word reads like a FILTER."""
    return _FILTER.search(word) is not None


def short(commit: str | None) -> str:
    """A commit as people quote it."""
    return commit[:10] if commit else ""


def head_of(
    store: RunStore,
    words: Sequence[str] = (),
    *,
    group: str | None = None,
    experiments: Collection[str] | None = None,
    target: str | None = None,
) -> Head:
    """The runs that the words name.

    Args:
        store: where to look.
        words: one range `BASE..HEAD`, or RUNs; the range of the current branch when empty.
        group: a FILTER; every finished run that matches it.
        experiments: only runs of these.
        target: the branch that changes go to, where a range does not say.

    Raises:
        NoRuns: none of them is there.
        SelectionError, FilterError: a word names nothing.
    """
    if group is not None:
        return _matching(store, group, experiments)
    if words and not is_range(words[0]):
        return _named(store, words)
    if len(words) > 1:
        msg = "a range stands alone"
        raise SelectionError(msg, hint="write BASE..HEAD, or name the runs")
    return _in_range(store, words[0] if words else "..", experiments, target)


def _named(store: RunStore, words: Sequence[str]) -> Head:
    found = {run.id: run for run in (resolve(store, word) for word in words)}
    runs = sorted(found.values(), key=_newest, reverse=True)
    kept, left_out = one_a_seed(runs)
    label = kept[0].name or kept[0].id if len(kept) == 1 else f"{len(kept)} runs"
    return Head(Group(label, "named", kept, kept[0].source.commit, left_out))


def _matching(store: RunStore, text: str, experiments: Collection[str] | None) -> Head:
    runs = finished(store, parse(text), experiments)
    if not runs:
        msg = f"no finished run matches {text[:80]!r}"
        raise NoRuns(msg, hint="`gittrack ls FILTER` shows what does")
    kept, left_out = one_a_seed(runs)
    return Head(Group(text[:80], "match the filter", kept, kept[0].source.commit, left_out))


def _in_range(store: RunStore, word: str, experiments: Collection[str] | None, target: str | None) -> Head:
    span = range_of(code_git(store), word, target)
    if not span.commits:
        msg = f"{span.text} has no commit"
        raise NoRuns(msg, hint="name the runs, or write BASE..HEAD with a BASE that has not all of HEAD")
    started = (*span.commits, span.base) if span.base else span.commits
    within = set(span.commits)
    every = [
        run
        for run in settled(store, of_commits(store, started, experiments), span.commits)
        if run.source.commit in within
    ]
    done = [run for run in every if run.status == "finished"]
    chosen = next(
        (commit for commit in span.commits if any(run.source.commit == commit for run in done)), None
    )
    if chosen is None:
        state = f"none of its {len(every)} runs finished" if every else "no run is of its commits"
        msg = f"nothing to review in {span.text}: {state}"
        raise NoRuns(msg, hint="`gittrack run` on this branch, or `gittrack pull` the runs of others")
    here = [run for run in done if run.source.commit == chosen]
    same = repetitions(here)
    older = {run.id: f"of the older commit {short(run.source.commit)}" for run in done if run not in here}
    name = span.right if span.right != "HEAD" else here[0].source.branch or "HEAD"
    group = Group(
        f"{name}@{short(chosen)}",
        f"finished runs of the newest commit with runs in {span.text}",
        same.runs,
        chosen,
        {**same.left_out, **older},
    )
    unfinished = tuple(run for run in every if run.source.commit == chosen and run.status != "finished")
    return Head(group, span, unfinished)


def finished(store: RunStore, node: object, experiments: Collection[str] | None = None) -> list[Run]:
    """The finished runs that match a filter, the newest first; repetitions of `reproduce` are no samples."""
    runs = find(store, node, experiments=experiments)  # type: ignore[arg-type]  # a Node
    return [run for run in runs if run.status == "finished" and REPRODUCES not in run.tags]


def of_commits(
    store: RunStore, commits: Sequence[str], experiments: Collection[str] | None = None
) -> list[Run]:
    """All runs of some commits, the newest first."""
    found: list[Run] = []
    for start in range(0, len(commits), 400):
        wanted = Compare(_COMMIT, "IN", tuple(commits[start : start + 400]))
        found += find(store, wanted, experiments=experiments)
    return sorted((run for run in found if REPRODUCES not in run.tags), key=_newest, reverse=True)


def settled(store: RunStore, runs: Sequence[Run], commits: Sequence[str]) -> list[Run]:
    """The runs, those of uncommitted code that one of the commits has since made its own as runs of it.

    Whoever runs first and commits then has the same tree in the snapshot and in the commit.
    """
    waiting = [run.source.snapshot for run in runs if run.source.dirty and run.source.snapshot]
    if not waiting or not commits:
        return list(runs)
    newest = commits[:_LOOKED_AT]
    known = trees(code_git(store), [*newest, *waiting])
    made = {known[oid]: oid for oid in reversed(newest) if oid in known}
    return [_settled(run, made.get(known.get(run.source.snapshot or "", ""))) for run in runs]


def _settled(run: Run, commit: str | None) -> Run:
    if commit is None or not run.source.dirty:
        return run
    return replace(run, source=replace(run.source, commit=commit, dirty=False))


def among(store: RunStore, word: str) -> list[Run] | None:
    """The runs that a RUN or a FILTER names, None where it is neither."""
    try:
        return [resolve(store, word)]
    except RunNotFound:
        if not is_filter(word):
            return None
    return finished(store, And((parse(word), Compare(Field("attributes", "status"), "=", "finished"))))


def _newest(run: Run) -> tuple[int, str]:
    return run.start_time, run.id
