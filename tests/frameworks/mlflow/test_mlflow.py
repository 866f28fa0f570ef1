"""MLflow 3 loads what gittrack saves, and gittrack what MLflow 3 saves; both predict the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlflow
import pytest

from tests.support import mlflow_models
from tests.support.mlflow_models import ARRAY, OURS, PROGRAMS, THEIRS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("default", "error::gittrack.core.errors.GitTrackWarning")
PICKLE = {"serialization_format": "pickle"}
PT2 = {"serialization_format": "pt2", "input_example": ARRAY}
CASES = {
    **THEIRS,
    "sklearn": THEIRS["sklearn"]._replace(free=True),  # skops is what version 3 writes
    "pytorch": THEIRS["pytorch"]._replace(choices=PICKLE),
    "pytorch-script": THEIRS["pytorch-script"]._replace(choices=PICKLE),
    "pytorch-pt2": THEIRS["pytorch"]._replace(choices=PT2),
}


def test_the_version() -> None:
    """It is the current one."""
    assert mlflow.__version__ == "3.17.2"


@pytest.mark.parametrize("name", OURS)
def test_what_gittrack_saves(name: str, tmp_path: Path) -> None:
    """MLflow loads it and predicts the same."""
    mlflow_models.check_ours(OURS[name], tmp_path / "model")


@pytest.mark.parametrize("name", CASES)
def test_what_mlflow_saves(name: str, tmp_path: Path) -> None:
    """Gittrack loads it without MLflow and predicts the same."""
    mlflow_models.check_theirs(CASES[name], tmp_path / "model")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_mlflow_saves(name: str, tmp_path: Path) -> None:
    """They run by consent, with MLflow where they need it."""
    mlflow_models.check_program(name, tmp_path / "one")


def test_a_library_that_is_missing(tmp_path: Path) -> None:
    """The error names it."""
    mlflow_models.check_missing(tmp_path / "one")
