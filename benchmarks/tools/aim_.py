"""Aim: RocksDB in `.aim`."""

from __future__ import annotations

from typing import Any

import aim

run: Any = None


def start(name: str) -> None:
    global run  # noqa: PLW0603 # one active run, as the other tools have it
    run = aim.Run(repo=".", system_tracking_interval=None, log_system_params=False, capture_terminal_logs=False)
    run.name = name


def params(values: dict[str, Any]) -> None:
    run["params"] = values


def log(key: str, value: float, step: int) -> None:
    run.track(value, name=key, step=step)


def end() -> None:
    run.close()


def stored() -> tuple[int, int]:
    """Runs, and points of `loss` in all of them."""
    runs = [each.run for each in aim.Repo(".").query_runs("").iter_runs()]
    points = 0
    for each in runs:
        for metric in each.metrics():
            points += len(metric.values.sparse_list()[0])
    return len(runs), points
