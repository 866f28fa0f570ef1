"""The registry's champion as a baseline: the run whose model serves now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.review.seeds import configuration, one_a_seed
from gittrack.query.review.selection import of_commits
from gittrack.query.review.values import Group
from gittrack.store.registry.read import all_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run
    from gittrack.query.review.selection import Head
    from gittrack.store.runs import RunStore

CHAMPION = "champion"
"""The alias; MLflow's documentation has the same for the version that serves."""


def champion_of(store: RunStore, head: Head) -> Group | None:
    """The run of the one champion of the experiments under review, with its repetitions of other seeds.

    Args:
        store: where to look.
        head: the runs under review.

    Returns:
        None without one, where it is under review itself, and where there are several: which of them
        counts is for `--base` to say.
    """
    experiments = {run.experiment for run in head.group.runs}
    found = {run.id: (name, run) for name, run in _champions(store) if run.experiment in experiments}
    if len(found) != 1:
        return None
    [(name, run)] = found.values()
    if run.id in {one.id for one in head.group.runs} or run.status != "finished":
        return None
    kept, left_out = one_a_seed([run, *_repeated(store, run, head)])
    return Group(f"{name}@{CHAMPION}", "the registry's champion", kept, run.source.commit, left_out)


def _champions(store: RunStore) -> Iterator[tuple[str, Run]]:
    for model in all_models(store.git):
        version = model.version(model.aliases.get(CHAMPION, 0))
        if version is not None and store.knows(version.run_id):
            yield model.name, store.get(version.run_id)


def _repeated(store: RunStore, run: Run, head: Head) -> list[Run]:
    """Finished runs of the same code and configuration, with other seeds."""
    if run.source.commit is None or run.source.dirty:
        return []
    taken, same = {run.id, *(one.id for one in head.group.runs)}, configuration(run)
    return [
        one
        for one in of_commits(store, [run.source.commit], {run.experiment})
        if one.id not in taken and one.status == "finished" and configuration(one) == same
    ]
