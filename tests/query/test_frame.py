from __future__ import annotations

import math
from typing import Any

import pandas as pd

from gittrack.core.records import MetricSummary, Source
from gittrack.query.frame import to_frame
from tests.support.runs import START, run

_IDS = ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]


def frame(**fields: Any) -> pd.DataFrame:
    """The table of one run."""
    return to_frame([run(**fields)])


def summary(last: float) -> MetricSummary:
    """The summary of a metric."""
    return MetricSummary(last, 1, START, last, last, 1)


def test_no_runs() -> None:
    """Without runs there are the columns all the same."""
    found = to_frame([])
    assert (list(found.columns), len(found)) == (_IDS, 0)
    assert str(found["start_time"].dtype) == "datetime64[ns, UTC]"


def test_columns() -> None:
    """The columns have MLflow's names, sorted within each group."""
    found = frame(
        name="base",
        user="ada",
        parent_id="p",
        note="n",
        source=Source(commit="c" * 40),
        metrics={"b": summary(1), "a": summary(2)},
        params={"lr": 0.1},
        tags={"team": "x"},
    )
    assert list(found.columns) == [
        *_IDS,
        "metrics.a",
        "metrics.b",
        "params.lr",
        "tags.mlflow.note.content",
        "tags.mlflow.parentRunId",
        "tags.mlflow.runName",
        "tags.mlflow.source.git.commit",
        "tags.mlflow.user",
        "tags.team",
    ]


def test_order() -> None:
    """Rows are in the order of the runs."""
    runs = [run(), run(), run()]
    assert list(to_frame(iter(runs))["run_id"]) == [one.id for one in runs]


def test_status() -> None:
    """The status is in upper case."""
    assert list(frame(status="killed")["status"]) == ["KILLED"]


def test_times() -> None:
    """Times are in UTC to the millisecond, NaT where a run has not ended."""
    found = frame(end_time=None)
    assert found["start_time"][0] == pd.Timestamp(START, unit="ms", tz="UTC")
    assert found["end_time"][0] is pd.NaT
    assert str(found["end_time"].dtype) == "datetime64[ns, UTC]"


def test_metrics() -> None:
    """Metrics are numbers, NaN where a run has none."""
    found = to_frame([run(metrics={"a": summary(0.5)}), run()])
    assert found["metrics.a"].dtype == "float64"
    assert found["metrics.a"][0] == 0.5
    assert math.isnan(found["metrics.a"][1])


def test_params() -> None:
    """Params are text as MLflow stores them, None where a run has none."""
    found = to_frame([run(params={"a": 0.1, "b": True, "c": None, "d": [1]}), run()])
    assert list(found[["params.a", "params.b", "params.c", "params.d"]].loc[0]) == [
        "0.1",
        "True",
        "None",
        "[1]",
    ]
    assert found["params.a"][1] is None
