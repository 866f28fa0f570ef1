"""Reviews of runs, for programs and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue, UsageError
from gittrack.query.review import changes
from gittrack.query.review.baseline import baseline_of
from gittrack.query.review.code import code_change
from gittrack.query.review.gates import GateError, all_gates, parse
from gittrack.query.review.metrics import rows_of
from gittrack.query.review.reading import environments
from gittrack.query.review.review import Review
from gittrack.query.review.selection import VERDICT, NoBaseline, head_of
from gittrack.query.verdict.rules import check_rules
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Sequence

    from gittrack.query.review.gates import Requirement


def review(
    *words: str,
    group: str | None = None,
    base: str | Sequence[str] = (),
    require: str | Sequence[str] = (),
    experiments: Collection[str] | None = None,
    target: str | None = None,
    repo: str | os.PathLike[str] | None = None,
) -> Review:
    """Hold runs against a baseline.

    Args:
        words: one range `BASE..HEAD`, or runs; what the current branch brings when none is given.
        group: a filter instead: all finished runs that match it.
        base: the baseline: runs, filters or one Git revision; else the latest finished runs of the merge
            base, or of its nearest ancestor with runs.
        require: further gates, such as `val_acc >= baseline - 0.002`, besides those of `gittrack.yaml`.
        experiments: only runs of these.
        target: the branch that changes go to; the default branch when None.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        The review; without a baseline `base` is None, and `no_base` says why.

    Raises:
        NoRuns: there is nothing to review.
        RunNotFound, AmbiguousRun, FilterError: a word names nothing, or too much.
        GateError: a requirement does not parse.
        InvalidValue: a rule in the setting `metrics` is none.
    """
    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    return review_runs(
        store,
        words,
        group=group,
        base=(base,) if isinstance(base, str) else base,
        require=(require,) if isinstance(require, str) else require,
        experiments=experiments,
        target=target,
    )


def check(
    *words: str,
    group: str | None = None,
    base: str | Sequence[str] = (),
    require: str | Sequence[str] = (),
    experiments: Collection[str] | None = None,
    target: str | None = None,
    repo: str | os.PathLike[str] | None = None,
) -> Review:
    """The same as :func:`review`, where there is something to check.

    Returns:
        The review; `exit_code` is 0 when all gates hold, 1 when one does not, 3 without a comparable
        baseline where a gate needs one.

    Raises:
        UsageError: nothing is required and no metric has a goal.
        GitTrackError: as for :func:`review`.
    """
    settings = {
        "group": group,
        "base": base,
        "require": require,
        "experiments": experiments,
        "target": target,
    }
    return checked(review(*words, repo=repo, **settings))  # type: ignore[arg-type]  # the same arguments


def checked(found: Review) -> Review:
    """The review, when it has a gate or would have one with a baseline.

    Raises:
        UsageError: nothing is required and no metric has a goal.
    """
    goals = any(row.goal is not None and row.gate for row in found.metrics)
    if not found.gates and not goals:
        msg = "nothing to check: no metric has a goal and nothing is required"
        raise UsageError(
            msg, hint="give goals in gittrack.yaml (metrics: {acc: max}), or --require 'acc >= 0.9'"
        )
    return found


def _configured(store: RunStore) -> list[Requirement]:
    """The setting `gates`; one that is none is a fault of the configuration, not of the command line."""
    try:
        return [parse(text) for text in store.config.get("gates")]
    except GateError as error:
        msg = f"{store.config.origin('gates')}: gates: {error.message}"
        raise InvalidValue(msg, hint=error.hint) from error


def review_runs(
    store: RunStore,
    words: Sequence[str] = (),
    *,
    group: str | None = None,
    base: Sequence[str] = (),
    require: Sequence[str] = (),
    experiments: Collection[str] | None = None,
    target: str | None = None,
) -> Review:
    """:func:`review` in a store that is open."""
    rules = store.config.get("metrics")
    check_rules(rules, {})
    requirements = [*_configured(store), *map(parse, require)]
    head = head_of(store, words, group=group, experiments=experiments, target=target)
    try:
        found, no_base = baseline_of(store, head, base, target=target), ""
    except NoBaseline as error:
        found, no_base = None, f"{error.message}; {error.hint}"
    documents = environments(store, [*head.group.runs, *(found.runs if found else ())])
    before, after = found.runs if found else (), head.group.runs
    warned = changes.warnings_of(before, after, documents, head.unfinished)
    rows = rows_of(
        before,
        after,
        rules,
        on_data=tuple(one.title for one in warned if one.title == changes.DATA),
        on_machine=tuple(one.title for one in warned if one.title == changes.HARDWARE),
    )
    gates = all_gates(rows, requirements, compared=found is not None)
    read = changes.environment_of(documents)
    repeated = next((run for run in after if VERDICT in run.tags), after[0])
    return Review(
        head.group,
        found,
        no_base,
        warned,
        rows,
        gates,
        params=changes.changed(before, after, changes.params_of) if found else (),
        code=code_change(store, before[0], after[0]) if found else None,
        environment=changes.changed(before, after, read) if found else (),
        data=changes.changed(before, after, changes.data_of) if found else (),
        artifacts=changes.artifacts_of(before[0], after[0]) if found else (),
        reproduce=f"gittrack reproduce {repeated.id}",
        verified=repeated.tags.get(VERDICT, ""),
    )
