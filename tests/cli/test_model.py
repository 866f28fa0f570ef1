"""`gittrack model` on the command line."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import gittrack
from gittrack.cli.main import invoke
from gittrack.models.digest import model_digest
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.0, 1, 2], "b": [0.5, 0, 1]})


@pytest.fixture
def model(repo: Path) -> Path:
    """A model beside a repository."""
    folder = repo.parent / "model"
    gittrack.save_model(LinearRegression().fit(TABLE, TABLE["a"]), folder, input_example=TABLE)
    return folder


def test_show(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For eyes and as JSON."""
    assert invoke(["model", "show", str(model)]) == 0
    shown = capsys.readouterr().out
    assert "flavors       python_function, sklearn" in shown
    assert "inputs        a  double\n              b  double\n" in shown
    assert invoke(["model", "show", "--json", str(model)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["digest"], found["trusted"]) == (model_digest(model), True)


def test_predict(model: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From file to file, and from standard input to standard output."""
    TABLE.to_csv(repo / "in.csv", index=False)
    assert invoke(["model", "predict", str(model), "in.csv", "-o", "out.csv"]) == 0
    assert pd.read_csv(repo / "out.csv")["prediction"].round(9).tolist() == [0, 1, 2]
    assert capsys.readouterr().err == "3 predictions\n"


def test_predict_streams(
    model: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard input and output need their format said."""
    stream = io.TextIOWrapper(io.BytesIO(b'{"a": 1, "b": 0}\n'))
    monkeypatch.setattr(sys, "stdin", stream)
    assert invoke(["model", "predict", str(model), "--format", "jsonl"]) == 0
    [line] = capfdbinary.readouterr().out.splitlines()
    assert round(json.loads(line)["prediction"], 9) == 1


def test_trust(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pickle of somebody else loads once it is trusted."""
    folder = model.parent / "pickled"
    estimator = LinearRegression().fit(TABLE, TABLE["a"])
    gittrack.save_model(estimator, folder, serialization_format="pickle")
    trust_file().unlink()
    TABLE.to_csv("in.csv", index=False)
    assert invoke(["model", "predict", str(folder), "in.csv"]) == 1
    assert "error: the model is not trusted" in capsys.readouterr().err
    assert invoke(["model", "trust", model_digest(folder), "-m", "seen"]) == 0
    assert invoke(["model", "predict", str(folder), "in.csv"]) == 0


def test_no_model(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says what a model is named by."""
    assert invoke(["model", "show", str(repo)]) == 1
    assert "MLmodel: not in" in capsys.readouterr().err
    assert invoke(["model", "show", "gone"]) == 1
    assert "hint: give a folder, runs:/RUN/PATH, models:/NAME/VERSION or a URL" in capsys.readouterr().err
