"""MLflow: file store or SQLite, by MLFLOW_TRACKING_URI."""

from __future__ import annotations

import mlflow

log = mlflow.log_metric
params = mlflow.log_params


def start(name: str) -> None:
    """Begin a run."""
    mlflow.start_run(run_name=name)


def end() -> None:
    """End the run."""
    mlflow.end_run()


def stored() -> tuple[int, int]:
    """Runs, and points of `loss` in all of them."""
    client = mlflow.MlflowClient()
    runs = mlflow.search_runs(output_format="list", max_results=50_000)
    return len(runs), sum(len(client.get_metric_history(run.info.run_id, "loss")) for run in runs)


def best(count: int) -> int:
    """How many of the best runs by `loss` it finds."""
    return len(
        mlflow.search_runs(
            filter_string="metrics.loss >= 0",
            order_by=["metrics.loss ASC"],
            max_results=count,
            output_format="list",
        )
    )
