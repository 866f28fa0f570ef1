"""Reports of reviews, for programs and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.review.api import review_runs
from gittrack.query.review.curves import curves_of
from gittrack.report.formats import DRAWN, rendered
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Sequence

    from gittrack.query.review.review import Review
    from gittrack.report.markdown import Budget


def make_report(  # noqa: PLR0913  one argument an option
    *words: str,
    format: str = "md",  # noqa: A002  the name of the option
    budget: Budget = "summary",
    name: str = "default",
    group: str | None = None,
    base: str | Sequence[str] = (),
    require: str | Sequence[str] = (),
    experiments: Collection[str] | None = None,
    target: str | None = None,
    repo: str | os.PathLike[str] | None = None,
) -> str:
    """Runs held against a baseline, as something to read.

    Args:
        words: one range `BASE..HEAD`, or runs; what the current branch brings when none is given.
        format: `md`, `html`, `junit`, `json`, `openmetrics` or `benchmark`.
        budget: how long Markdown may get: `comment` (60,000 characters) or `summary` (a million bytes).
        name: tells several reports of one pull request apart.
        group: a filter instead of words: all finished runs that match it.
        base: the baseline: runs, filters or one Git revision; see :func:`gittrack.review`.
        require: further gates.
        experiments: only runs of these.
        target: the branch that changes go to; the default branch when None.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        UsageError: there is no such format.
        GitTrackError: as for :func:`gittrack.review`.
    """
    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    review = review_runs(
        store,
        words,
        group=group,
        base=(base,) if isinstance(base, str) else base,
        require=(require,) if isinstance(require, str) else require,
        experiments=experiments,
        target=target,
    )
    return reports(store, review, (format,), budget=budget, name=name)[0]


def reports(
    store: RunStore,
    review: Review,
    formats: Sequence[str],
    *,
    budget: Budget = "summary",
    name: str = "default",
) -> list[str]:
    """A review in several forms; the points of its curves are read once, and only where a form shows them.

    Raises:
        UsageError: there is no such form.
    """
    curves = curves_of(store, review) if DRAWN.intersection(formats) else ()
    return [rendered(review, form, curves, budget=budget, name=name) for form in formats]
