from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from mlflow.exceptions import MlflowException

import gittrack
from gittrack.mlflow.backend import backend

if TYPE_CHECKING:
    from pathlib import Path


def project(folder: Path) -> None:
    """A project that needs nothing but a shell."""
    (folder / "MLproject").write_text(
        "name: p\nentry_points:\n  main:\n    parameters: {x: float}\n    command: test {x} = 3\n"
    )


@pytest.mark.parametrize(("value", "status"), [("3", "finished"), ("4", "failed")])
def test_mlflow_run(folder: Path, children: dict[str, str], tmp_path: Path, value: str, status: str) -> None:
    """`mlflow run -b gittrack` is a run of gittrack, with its params, in the experiment that was named."""
    (tmp_path / "p").mkdir()
    project(tmp_path / "p")
    words = ["run", str(tmp_path / "p"), "-b", "gittrack", "-P", f"x={value}", "--env-manager", "local"]
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *words, "--experiment-name", "viab"],
        env={**children, "MLFLOW_TRACKING_URI": f"gittrack:{folder}"},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    run = gittrack.search_runs(experiment_names=["viab"], repo=folder, output_format="list")[0]
    assert (run.status, str(run.params["x"])) == (status, value), done.stderr
    assert (done.returncode == 0) == (status == "finished"), done.stderr


def test_runs_must_go_to_a_repository() -> None:
    """Another tracking URI is refused."""
    with pytest.raises(MlflowException, match="needs a tracking URI"):
        backend().run(".", "main", {}, None, {}, "http://localhost", "0")
