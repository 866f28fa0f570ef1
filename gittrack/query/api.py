"""Runs by id or filter, for programs; opens the store of the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pandas as pd

    from gittrack.core.records import Run


def get_run(run: str, *, repo: str | os.PathLike[str] | None = None) -> Run:
    """One run.

    Args:
        run: an id, an unambiguous part of one, a name, `@last`, `@best:METRIC` and so on.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        RunNotFound: no run matches.
        AmbiguousRun: several do.
    """
    from gittrack.query.select import resolve

    return resolve(_open(repo), run)


@overload
def search_runs(
    filter_string: str = "",
    *,
    experiment_names: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    max_results: int | None = 1000,
    output_format: Literal["pandas"] = "pandas",
    deleted: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> pd.DataFrame: ...


@overload
def search_runs(
    filter_string: str = "",
    *,
    experiment_names: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    max_results: int | None = 1000,
    output_format: Literal["list"],
    deleted: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> list[Run]: ...


def search_runs(
    filter_string: str = "",
    *,
    experiment_names: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    max_results: int | None = 1000,
    output_format: Literal["pandas", "list"] = "pandas",
    deleted: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> pd.DataFrame | list[Run]:
    """Runs that match a filter, live ones included.

    Args:
        filter_string: in MLflow's grammar, and OR, NOT and parentheses besides.
        experiment_names: only of these experiments.
        order_by: `metrics.acc DESC` and the like; the newest first when empty.
        max_results: at most so many; all when None.
        output_format: `pandas` for a DataFrame of shape (runs, columns) with MLflow's column names,
            `list` for :class:`gittrack.core.records.Run` values.
        deleted: removed runs too.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        FilterError: the filter or order does not parse.
    """
    from gittrack.query.search import search

    runs = search(
        _open(repo),
        filter_string or None,
        experiments=experiment_names,
        order_by=order_by,
        limit=max_results,
        deleted=deleted,
    )
    if output_format == "list":
        return runs
    from gittrack.query.frame import to_frame

    return to_frame(runs)


def _open(repo: str | os.PathLike[str] | None) -> RunStore:
    store = RunStore.open(repo if repo is None else str(repo))
    store.recover()
    return store
