"""Runs as a table, with the column names of MLflow's `search_runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.store.index.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from gittrack.core.records import Run


def to_frame(runs: Iterable[Run]) -> pd.DataFrame:
    """Runs as a DataFrame, one row each, in their order.

    Columns, as MLflow has them: `run_id`, `experiment_id` (the name of the experiment), `status` (ours
    in upper case: FINISHED, FAILED, RUNNING, KILLED, and OOM, INTERRUPTED, LOST, which MLflow does not
    know), `artifact_uri` (`gittrack:<run id>`), `start_time` and `end_time` (datetime64[ns, UTC], NaT
    while it runs), then sorted by name `metrics.*` (float64, last values, NaN where missing),
    `params.*` (text, None where missing) and `tags.*` (text), with `tags.mlflow.runName`,
    `tags.mlflow.user`, `tags.mlflow.parentRunId`, `tags.mlflow.note.content` and
    `tags.mlflow.source.git.commit` where a run has them.
    """
    import pandas as pd

    listed = list(runs)
    columns: dict[str, Any] = {
        "run_id": pd.Series([run.id for run in listed], dtype=object),
        "experiment_id": pd.Series([run.experiment for run in listed], dtype=object),
        "status": pd.Series([run.status.upper() for run in listed], dtype=object),
        "artifact_uri": pd.Series([f"gittrack:{run.id}" for run in listed], dtype=object),
        "start_time": _times([run.start_time for run in listed]),
        "end_time": _times([run.end_time for run in listed]),
    }
    metrics = [{key: one.last for key, one in run.metrics.items()} for run in listed]
    params = [{key: text_of(value) for key, value in run.params.items()} for run in listed]
    for key in _keys(metrics):
        columns[f"metrics.{key}"] = pd.Series([one.get(key) for one in metrics], dtype="float64")
    for group, rows in (("params", params), ("tags", [_tags(run) for run in listed])):
        for key in _keys(rows):
            columns[f"{group}.{key}"] = pd.Series([one.get(key) for one in rows], dtype=object)
    return pd.DataFrame(columns)


def _times(values: Sequence[int | None]) -> pd.Series[Any]:
    import pandas as pd

    moments = pd.to_datetime(pd.array(list(values), dtype="Int64"), unit="ms", utc=True)
    return pd.Series(moments).astype("datetime64[ns, UTC]")


def _keys(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({key for row in rows for key in row})


def _tags(run: Run) -> dict[str, str]:
    known = {
        "mlflow.runName": run.name,
        "mlflow.user": run.user,
        "mlflow.parentRunId": run.parent_id,
        "mlflow.note.content": run.note,
        "mlflow.source.git.commit": run.source.commit,
    }
    return {**run.tags, **{key: value for key, value in known.items() if value}}
