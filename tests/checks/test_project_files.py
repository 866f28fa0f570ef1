"""MLproject, MLmodel and gittrack.yaml held against their formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.checks.project_files import check_models, check_projects, check_settings
from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """\
artifact_path: model
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    model_path: model.pkl
    python_version: 3.11.7
mlflow_version: 3.1.0
model_uuid: 0f1d
run_id: abc
signature:
  inputs: '[{"type": "double", "name": "x"}]'
  outputs: null
utc_time_created: '2026-11-24 10:00:00'
"""


def _messages(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [one.message for one in check_models([path])]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The place of an MLmodel, its files beside it."""
    for name in ("conda.yaml", "python_env.yaml", "model.pkl"):
        (tmp_path / name).touch()
    return tmp_path / "MLmodel"


def test_a_model_of_mlflow(model: Path) -> None:
    """Nothing is wrong with what MLflow writes."""
    assert _messages(model, MODEL) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("flavors:", "flavours:", "unknown key flavours, did you mean flavors?"),
        ("flavors:", "flavours:", "flavors is missing, or not a mapping of at least one flavor"),
        ("model_path: model.pkl", "model_path: gone.pkl", "names gone.pkl, which is not there"),
        ("model_path: model.pkl", "model_path: ../x", "leaves the folder of the model: '../x'"),
        ("conda: conda.yaml", "conda: /etc/passwd", "leaves the folder of the model: '/etc/passwd'"),
        (
            "{conda: conda.yaml, virtualenv: python_env.yaml}",
            "gone.yaml",
            "names gone.yaml, which is not there",
        ),
        ('\'[{"type": "double", "name": "x"}]\'', "'[{'", "signature.inputs is not JSON"),
        ('\'[{"type": "double", "name": "x"}]\'', "'{}'", "signature.inputs is not a JSON list"),
        ("run_id: abc", "run_id: [1]", "run_id is not a text"),
    ],
)
def test_models(model: Path, before: str, after: str, message: str) -> None:
    """What is wrong is said."""
    assert before in MODEL
    assert any(found.endswith(message) for found in _messages(model, MODEL.replace(before, after)))


def test_models_of_other_shapes(model: Path) -> None:
    """A flavor and a signature are mappings, and the file is YAML."""
    assert _messages(model, "flavors: {sklearn: 3}\nsignature: x\n") == [
        "flavors.sklearn is not a mapping",
        "signature is not a mapping",
    ]
    assert len(_messages(model, "a: [\n")) == 1


def test_too_long(model: Path) -> None:
    """A file that cannot be one is not read to its end."""
    model.write_bytes(b"#" * 10_000_001)
    assert [one.message for one in check_models([model])] == ["too long to be one"]
    with pytest.raises(GitTrackError, match="cannot read"):
        list(check_models([model.with_name("gone")]))


def test_project(tmp_path: Path) -> None:
    """The validation of projects is asked, its hints with it."""
    path = tmp_path / "MLproject"
    path.write_text('nmae: x\nentry_points:\n  main: {command: "python train.py {lr}"}\n')
    found = list(check_projects([path]))
    assert any("did you mean 'name'?" in one.message for one in found)
    assert {one.path for one in found} == {str(path)}


def test_settings(tmp_path: Path) -> None:
    """Unknown keys with the nearest known one, values that are none, and where they stand."""
    path = tmp_path / "gittrack.yaml"
    path.write_text("experimnt: x\nsnapshot:\n  max_file_size: lots\n")
    found = [(one.line, one.message) for one in check_settings([path])]
    assert found[0] == (1, "unknown key experimnt, did you mean experiment?")
    assert found[1][0] == 3
    assert "snapshot.max_file_size is not a size: 'lots' (write a number of bytes" in found[1][1]
    path.write_text("experiment: digits\n")
    assert list(check_settings([path])) == []
    path.write_text("a: [\n")
    assert len(list(check_settings([path]))) == 1
