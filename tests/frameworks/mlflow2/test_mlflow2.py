"""MLflow 2 loads what gittrack saves, and gittrack what MLflow 2 saves; both predict the same.

Version 2 knows no skops: estimators for it are saved as pickles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlflow
import pytest

import gittrack
from tests.support import mlflow_models
from tests.support.mlflow_models import OURS, PROGRAMS, TABLE, THEIRS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("default", "error::gittrack.core.errors.GitTrackWarning")
CASES = {
    name: case._replace(native=case.native and name != "pytorch-pt2")
    for name, case in OURS.items()
    if "skops" not in name
}


def test_the_version() -> None:
    """It is the last of its line."""
    assert mlflow.__version__.startswith("2.22.")


@pytest.mark.parametrize("name", CASES)
def test_what_gittrack_saves(name: str, tmp_path: Path) -> None:
    """MLflow loads it and predicts the same."""
    mlflow_models.check_ours(CASES[name], tmp_path / "model")


def test_skops(tmp_path: Path) -> None:
    """MLflow 2 says that it does not know it."""
    folder = tmp_path / "model"
    gittrack.save_model(OURS["sklearn-skops"].make(), folder, input_example=TABLE)
    with pytest.raises(mlflow.exceptions.MlflowException, match="Unrecognized serialization format: skops"):
        mlflow.pyfunc.load_model(str(folder))


@pytest.mark.parametrize("name", THEIRS)
def test_what_mlflow_saves(name: str, tmp_path: Path) -> None:
    """Gittrack loads it without MLflow and predicts the same."""
    mlflow_models.check_theirs(THEIRS[name], tmp_path / "model")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_mlflow_saves(name: str, tmp_path: Path) -> None:
    """They run by consent, with MLflow where they need it."""
    mlflow_models.check_program(name, tmp_path / "one")
