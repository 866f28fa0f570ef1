"""What is left after the kills: for each run, its status and whether its points are the ones logged."""

from __future__ import annotations

import json
import sys

import gittrack
from gittrack.query.search import search
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push


def main() -> None:
    """Print a JSON object: run id to status, number of points, and whether all values are right.

    With `again`, record and push one more run first: what is in the way then is stuck.
    """
    store = RunStore.open()
    store.recover()
    if sys.argv[1:] == ["again"]:
        with gittrack.start_run("after the kills"):
            gittrack.log_metric("loss", 0.0, 0)
        push(store)
    found = {}
    for run in search(store, limit=None):
        points = [
            (step, value)
            for series in store.series(run.id)
            if series.key == "loss"
            for step, value in zip(series.steps, series.values, strict=True)
        ]
        right = all(step == index and value == step / 7 for index, (step, value) in enumerate(points))
        found[run.id] = (run.status, len(points), right)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
