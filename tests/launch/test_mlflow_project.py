"""A project whose program calls MLflow runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import gittrack
from tests.support.projects import make_project
from tests.support.real_mlflow import PYTHON, required

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEXT = """\
name: tutorial
entry_points:
  main:
    parameters: {alpha: {type: float, default: 0.5}}
    command: "python train.py {alpha}"
"""
TRAIN = """\
import sys, mlflow
with mlflow.start_run():
    mlflow.log_param("alpha", float(sys.argv[1]))
    mlflow.log_metric("rmse", 0.25)
"""


def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its calls go where MLflow is told; params and output are in our run."""
    required()
    project = make_project(tmp_path / "project", TEXT)
    (project / "train.py").write_text(TRAIN)
    monkeypatch.chdir(project)
    monkeypatch.setenv("PATH", f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    done = gittrack.run_project(".", params={"alpha": "0.75"})
    assert (done.run.status, done.run.params) == ("finished", {"alpha": 0.75})
    assert [path.read_text() for path in (tmp_path / "mlruns").glob("*/*/params/alpha")] == ["0.75"]
