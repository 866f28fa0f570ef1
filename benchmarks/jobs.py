"""Many running jobs in one process: `python jobs.py JOBS METRICS` logs all metrics of each twice a second."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING

from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from gittrack.store.journal.writer import Journal


def main() -> None:
    """Begin the jobs in the repository of the current folder, and log until standard input ends."""
    jobs, metrics = int(sys.argv[1]), int(sys.argv[2])
    store = RunStore.open()
    params = {"max_steps": 5000, "lr": 0.1}
    runs = [
        Run(store.new_id(), "bench", f"job-{number}", start_time=now_ms(), params=params)
        for number in range(jobs)
    ]
    journals = [store.create(run) for run in runs]
    for step in range(2000):  # what was logged before anybody looks
        _log(journals, metrics, step)
    print("ready", flush=True)
    for step in range(2000, 5000):
        _log(journals, metrics, step)
        time.sleep(0.5)


def _log(journals: list[Journal], metrics: int, step: int) -> None:
    for journal in journals:
        for number in range(metrics):
            journal.point(f"metric/{number}", math.exp(-step / 1000) + number, step)


main()
