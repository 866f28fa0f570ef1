"""gittrack, as anybody uses it: the module functions with their defaults."""

from __future__ import annotations

import gittrack
from gittrack.store.runs import RunStore

log = gittrack.log_metric
params = gittrack.log_params


def start(name: str) -> None:
    """Begin a run."""
    gittrack.start_run(name)


def end() -> None:
    """End the run."""
    gittrack.end_run()


def stored() -> tuple[int, int]:
    """Runs, and points of `loss` in all of them."""
    from gittrack.query.search import search  # a program that logs does not load it

    store = RunStore.open()
    store.recover()
    runs = search(store, limit=None)
    return len(runs), sum(run.metrics["loss"].count for run in runs if "loss" in run.metrics)
