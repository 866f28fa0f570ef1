"""Unchanged MLflow code records into a repository."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

import gittrack

if TYPE_CHECKING:
    from pathlib import Path

X, Y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]


def test_a_run_of_ours(mlflow: Any, folder: Path) -> None:
    """A run of MLflow is a committed run of gittrack with params, metrics, tags and artifacts."""
    mlflow.set_experiment("digits")
    with mlflow.start_run(run_name="base") as active:
        mlflow.log_params({"lr": 0.1, "layers": 2})
        for step, value in enumerate([2.0, 1.0, 0.5]):
            mlflow.log_metric("loss", value, step=step)
        mlflow.set_tag("team", "vision")
        mlflow.log_text("hello", "notes/a.txt")
    run = gittrack.get_run(active.info.run_id, repo=folder)
    assert (run.experiment, run.name, run.status) == ("digits", "base", "finished")
    assert run.params == {"lr": "0.1", "layers": "2"}
    assert (run.metrics["loss"].last, run.metrics["loss"].count) == (0.5, 3)
    assert run.tags["team"] == "vision"
    assert [one.path for one in run.artifacts] == ["notes/a.txt"]


def test_an_exception_fails_the_run(mlflow: Any, folder: Path) -> None:
    """A run whose block raises has failed."""
    with contextlib.suppress(ValueError), mlflow.start_run() as active:
        int("no")
    assert gittrack.get_run(active.info.run_id, repo=folder).status == "failed"


def test_nested_runs(mlflow: Any, folder: Path) -> None:
    """A nested run of MLflow is nested in ours."""
    with mlflow.start_run() as outer, mlflow.start_run(nested=True) as inner:
        pass
    assert gittrack.get_run(inner.info.run_id, repo=folder).parent_id == outer.info.run_id


def test_search_runs_gives_a_table(mlflow: Any) -> None:
    """`mlflow.search_runs` filters and sorts, and gives a pandas table."""
    for value in (0.3, 0.9, 0.6):
        with mlflow.start_run():
            mlflow.log_metric("acc", value)
    found = mlflow.search_runs(filter_string="metrics.acc > 0.5", order_by=["metrics.acc DESC"])
    assert list(found["metrics.acc"]) == [0.9, 0.6]


def test_runs_of_gittrack_are_there(mlflow: Any, folder: Path) -> None:
    """A run that gittrack recorded is found by MLflow, with its params as text and the usual tags."""
    with gittrack.start_run(experiment="own", name="mine", repo=folder) as run:
        run.log_params({"lr": 0.1})
        run.log_metric("acc", 0.5)
    experiment = mlflow.get_experiment_by_name("own")
    found = mlflow.search_runs([experiment.experiment_id], output_format="list")[0]
    assert (found.info.run_id, found.info.run_name, found.info.status) == (run.run_id, "mine", "FINISHED")
    assert found.data.params == {"lr": "0.1"}
    assert found.data.tags["mlflow.runName"] == "mine"


def test_resumed_run(mlflow: Any, folder: Path) -> None:
    """A run that is started again by its id runs, and ends as a later attempt."""
    with mlflow.start_run() as first:
        mlflow.log_metric("loss", 2.0, step=0)
    with mlflow.start_run(run_id=first.info.run_id):
        assert mlflow.get_run(first.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("loss", 1.0, step=1)
    run = mlflow.get_run(first.info.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 1.0})
    assert gittrack.get_run(first.info.run_id, repo=folder).attempt == 2


def test_additions_after_the_end(mlflow: Any, store: Any) -> None:
    """What is logged to a run that has ended is added, and its status and end stay."""
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 2.0, step=5)
    client, run_id = mlflow.MlflowClient(), active.info.run_id
    before = client.get_run(run_id).info
    client.log_metric(run_id, "loss", 3.0, step=1)
    client.log_param(run_id, "late", 1)
    store.opened.writing.settle(run_id)
    after = client.get_run(run_id)
    assert (after.info.status, after.info.end_time) == (before.status, before.end_time)
    assert after.data.metrics == {"loss": 2.0}
    assert after.data.params == {"late": "1"}
    assert [one.step for one in client.get_metric_history(run_id, "loss")] == [5, 1]


def test_autologging(mlflow: Any) -> None:
    """scikit-learn's autologging logs params, metrics, the dataset and artifacts."""
    mlflow.sklearn.autolog(log_models=False)
    try:
        with mlflow.start_run() as active:
            LogisticRegression(C=0.5).fit(np.array(X), np.array(Y))
    finally:
        mlflow.sklearn.autolog(disable=True)
    run = mlflow.get_run(active.info.run_id)
    assert run.data.params["C"] == "0.5"
    assert "training_score" in run.data.metrics
    assert run.inputs.dataset_inputs[0].tags[0].value == "train"
    assert "estimator.html" in [one.path for one in mlflow.MlflowClient().list_artifacts(active.info.run_id)]


def test_models(mlflow: Any, folder: Path) -> None:
    """A logged model is loaded by run, by id, by name and by alias, and registered with us."""
    model = LogisticRegression().fit(X, Y)
    with mlflow.start_run() as active:
        made = mlflow.sklearn.log_model(
            model, name="clf", pip_requirements=[], registered_model_name="digits"
        )
    client = mlflow.MlflowClient()
    client.set_registered_model_alias("digits", "champion", 1)
    names = [f"runs:/{active.info.run_id}/clf", made.model_uri, "models:/digits/1", "models:/digits@champion"]
    for name in names:
        assert list(mlflow.sklearn.load_model(name).predict(X)) == Y
    known = gittrack.list_models("digits", repo=folder)[0]
    assert (dict(known.aliases), known.versions[0].run_id) == ({"champion": 1}, made.model_id)
    assert client.get_run(active.info.run_id).outputs.model_outputs[0].model_id == made.model_id


def test_two_processes_log_to_one_run(mlflow: Any, folder: Path, children: dict[str, str]) -> None:
    """A child process that is told the id logs to the same run."""
    script = textwrap.dedent("""
        import sys, mlflow
        client = mlflow.MlflowClient(sys.argv[1])
        client.log_metric(sys.argv[2], "child", 1.0)
        client.log_param(sys.argv[2], "who", "child")
    """)
    with mlflow.start_run() as active:
        mlflow.log_metric("parent", 2.0)
        words = [sys.executable, "-c", script, f"gittrack:{folder}", active.info.run_id]
        subprocess.run(words, check=True, env=children, cwd=folder)
    run = mlflow.get_run(active.info.run_id)
    assert run.data.metrics == {"parent": 2.0, "child": 1.0}
    assert run.data.params == {"who": "child"}
    assert gittrack.get_run(active.info.run_id, repo=folder).status == "finished"


def test_a_killed_process_loses_nothing(mlflow: Any, folder: Path, children: dict[str, str]) -> None:
    """A run whose process was killed is committed with every point that was logged."""
    script = textwrap.dedent("""
        import os, signal, sys, mlflow
        mlflow.set_tracking_uri(sys.argv[1])
        run = mlflow.start_run()
        for step in range(50):
            mlflow.log_metric("loss", 1.0, step=step)
        print(run.info.run_id, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    words = [sys.executable, "-c", script, f"gittrack:{folder}"]
    done = subprocess.run(words, check=False, env=children, cwd=folder, stdout=subprocess.PIPE, text=True)
    run_id = done.stdout.split()[-1]
    gittrack.search_runs(repo=folder)
    client = mlflow.MlflowClient()
    assert client.get_run(run_id).info.status in {"KILLED", "RUNNING"}
    assert len(client.get_metric_history(run_id, "loss")) == 50
