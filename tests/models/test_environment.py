"""A model runs in the environment that it asks for, made by uv, with the gittrack that was called."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sklearn.linear_model import LinearRegression

import gittrack
from gittrack.cli.main import invoke
from gittrack.core.errors import InvalidValue
from gittrack.launch.environments.processes import find_uv
from gittrack.models.environment import own_requirements, plan_of
from gittrack.models.mlmodel import FILE, MLModel, write

if TYPE_CHECKING:
    from pathlib import Path

_LOADER = """import sys

import dateutil


class Model:
    def predict(self, data, params=None):
        return [f"{sys.prefix} {dateutil.__version__}"] * len(data)


def _load_pyfunc(path):
    return Model()
"""


def _model(folder: Path, python: str, *requirements: str) -> Path:
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "where.py").write_text(_LOADER)
    (folder / "python_env.yaml").write_text(f'python: "{python}"\ndependencies: ["-r requirements.txt"]\n')
    (folder / "requirements.txt").write_text("".join(f"{one}\n" for one in requirements))
    flavor = {"loader_module": "where", "code": "code", "python_version": python}
    (folder / FILE).write_bytes(write(MLModel({"python_function": flavor})))
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where environments are kept; uv's own cache is the usual one."""
    words = [find_uv(os.environ), "cache", "dir"]
    uv = subprocess.run(words, capture_output=True, check=True, text=True).stdout.strip()
    monkeypatch.setenv("UV_CACHE_DIR", uv)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gittrack" / "environments"


def _predict(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gittrack", "model", "predict", *words],
        input="a\n1\n2\n",
        capture_output=True,
        text=True,
        check=False,
    )


def test_predict_there(cache: Path, tmp_path: Path) -> None:
    """The versions are those of the model, gittrack is ours, and the environment is kept."""
    running = ".".join(map(str, sys.version_info[:2]))
    model = str(_model(tmp_path / "model", running, "python-dateutil==2.9.0"))
    first = _predict("--env", "uv", "--trust", "--format", "csv", model)
    assert (first.returncode, first.stdout.count("2.9.0")) == (0, 2), first.stderr
    assert str(cache) in first.stdout
    assert "making the environment" in first.stderr
    again = _predict("--env", "uv", "--trust", "--format", "csv", model)
    assert (again.stdout, "making" in again.stderr) == (first.stdout, False)
    failed = _predict("--env", "uv", "--format", "csv", model)
    assert failed.returncode == 1
    assert "the model is not trusted" in failed.stderr


def test_what_it_asks_for(tmp_path: Path) -> None:
    """Requirements of the model and of gittrack are one set; installers are left out."""
    folder = tmp_path / "model"
    estimator = LinearRegression().fit([[1.0]], [1.0])
    gittrack.save_model(estimator, folder)
    (layer,) = plan_of(folder, ["serve"]).layers
    names = {line.partition("=")[0].partition(">")[0] for line in layer.lines}
    assert {"scikit-learn", "skops", "click", "fastapi", "uvicorn[standard]"} <= names
    assert "pip" not in names
    assert "fastapi>=0.110" not in own_requirements()


def test_a_model_that_says_nothing(tmp_path: Path) -> None:
    """Cannot be run so."""
    with pytest.raises(InvalidValue, match=r"no python_env\.yaml"):
        plan_of(tmp_path)
    (tmp_path / "requirements.txt").write_text("click\n")
    assert plan_of(tmp_path).layers[-1].lines[0] == "click"


def test_a_python_that_is_not_there(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is named, with those that are."""
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    model = _model(tmp_path / "model", "3.9.99")
    assert invoke(["model", "predict", "--env", "uv", str(model)]) == 1
    assert "Python 3.9.99 is not installed" in capsys.readouterr().err
    assert not cache.exists() or not any(cache.glob("*/environment.json"))


def test_requirements_at_odds(cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With those of gittrack too: the message says which."""
    running = ".".join(map(str, sys.version_info[:2]))
    model = _model(tmp_path / "model", running, "click==7.0")
    assert invoke(["model", "predict", "--env", "uv", str(model)]) == 1
    assert "click" in capsys.readouterr().err
    assert cache.exists()
