"""Models of R, run by a real `Rscript`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

import gittrack
from gittrack.core.errors import GitTrackWarning, InvalidValue, MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.flavors.base import CannotSave, MissingLibrary, NotTrusted
from gittrack.models.flavors.r import StoppedInR
from gittrack.models.trust import trust_file
from tests.support.real_mlflow import PYTHON as MLFLOW_PYTHON
from tests.support.real_mlflow import required

TABLE = pd.DataFrame({"a": [1.0, 2.5, 0.1 + 0.2]})
LINEAR = """
print("this goes nowhere")
fit <- lm(y ~ a, data.frame(a = 0:9, y = 3 * (0:9) + 1 + c(-0.01, 0.01)))
predict <- function(data, more = 0) {
  cat("nor does this\\n")
  stats::predict(fit, data) + more
}
"""
FRAME = """
predict <- function(data) {
  data$joined <- paste0(data$text, "é")
  data$gone <- is.na(data$text)
  data$row <- seq_len(nrow(data))
  data$odd <- c(NaN, Inf, NA)
  data$level <- factor(c("x", "y", "x"))
  data
}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of R that fits a line."""
    path = tmp_path / "line.R"
    path.write_text(LINEAR)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def expected(more: float = 0) -> Any:
    """What the line gives for the table."""
    slope, start = np.polyfit(np.arange(10), 3 * np.arange(10) + 1 + np.tile([-0.01, 0.01], 5), 1)
    return slope * TABLE["a"].to_numpy() + start + more


@pytest.mark.parametrize("flavor", ["r", "crate"])
def test_it_predicts(source: Path, folder: Path, flavor: str) -> None:
    """An `.R` file, and the crate made of it; params go to the function."""
    described = gittrack.save_model(source, folder, flavor=flavor, input_example=TABLE, params={"more": 0.5})
    loaded = gittrack.load_model(folder)
    assert loaded.flavor == flavor
    np.testing.assert_allclose(loaded.predict(TABLE), expected(0.5), rtol=1e-12)
    np.testing.assert_allclose(loaded.predict(TABLE, {"more": 2.0}), expected(2), rtol=1e-12)
    assert described.signature is not None


def test_the_file_is_found_by_its_name(source: Path, folder: Path) -> None:
    """`save_model("line.R", …)` needs no flavor."""
    assert [*gittrack.save_model(source, folder).flavors] == ["python_function", "r"]
    assert sorted(path.name for path in (folder / "r").iterdir()) == ["line.R"]


def test_types_go_there_and_back(tmp_path: Path, folder: Path) -> None:
    """Texts, flags, whole numbers, gaps, quotes and what is no number; factors are texts."""
    (tmp_path / "frame.R").write_text(FRAME)
    gittrack.save_model(tmp_path / "frame.R", folder)
    given = pd.DataFrame(
        {
            "text": ['a "b", c', "NA", None],
            "flag": [True, False, True],
            "whole": [1, 2, 3],
            "large": [2**40, 1, 2],
            "float": [0.1 + 0.2, float("nan"), 1e300],
        }
    )
    found = gittrack.load_model(folder).predict(given)
    assert found["text"].tolist() == ['a "b", c', "NA", None]
    assert found["joined"].tolist() == ['a "b", cé', "NAé", "NAé"]
    assert found["gone"].tolist() == [False, False, True]
    assert found["flag"].tolist() == [True, False, True]
    assert found["whole"].dtype == "int64"
    assert found["large"].tolist() == [2**40, 1, 2]
    assert found["float"].tolist()[::2] == [0.1 + 0.2, 1e300]
    assert found["odd"].tolist()[1] == float("inf")
    assert found["odd"].isna().tolist() == [True, False, True]
    assert found["level"].tolist() == ["x", "y", "x"]


def test_it_reads_files_of_its_own(tmp_path: Path, folder: Path) -> None:
    """`files` are kept beside it."""
    (tmp_path / "factor.csv").write_text("x\n4\n")
    (tmp_path / "f.R").write_text(
        'factor <- read.csv("factor.csv")$x\npredict <- function(data) as.matrix(data) * factor'
    )
    gittrack.save_model(tmp_path / "f.R", folder, files=[tmp_path / "factor.csv"])
    (tmp_path / "factor.csv").unlink()
    found = gittrack.load_model(folder).predict(np.array([[1, 2], [3, 4]]))
    assert found.to_numpy().tolist() == [[4, 8], [12, 16]]
    with pytest.raises(InvalidValue, match="no such file"):
        gittrack.save_model(tmp_path / "f.R", tmp_path / "other", files=["gone.csv"])


@pytest.mark.parametrize("flavor", ["r", "crate"])
def test_r_code_wants_consent(source: Path, folder: Path, flavor: str) -> None:
    """Running it is running a program."""
    gittrack.save_model(source, folder, flavor=flavor)
    trust_file().unlink()
    with pytest.raises(NotTrusted, match="running the R code of"):
        gittrack.load_model(folder)
    assert len(gittrack.load_model(folder, trust=True).predict(TABLE)) == 3


def test_a_model_names_only_files_of_its_own(source: Path, folder: Path) -> None:
    """Whatever its MLmodel says."""
    gittrack.save_model(source, folder)
    document = read_yaml((folder / "MLmodel").read_bytes())
    document["flavors"]["r"]["source"] = "../line.R"
    (folder / "MLmodel").write_bytes(write_yaml(document))
    with pytest.raises(MalformedFile):
        gittrack.load_model(folder, trust=True)


def test_what_r_says_is_said(tmp_path: Path, folder: Path) -> None:
    """Errors of the function come with their message, and the next call goes on."""
    (tmp_path / "f.R").write_text(
        'predict <- function(data) if (data$a[1] < 0) stop("too\\nlow") else data$a'
    )
    gittrack.save_model(tmp_path / "f.R", folder)
    loaded = gittrack.load_model(folder)
    with pytest.raises(StoppedInR, match="R: too low"):
        loaded.predict(-TABLE)
    assert loaded.predict(TABLE).tolist() == TABLE["a"].tolist()


def test_r_that_ends(tmp_path: Path, folder: Path) -> None:
    """It is told, with its last words."""
    (tmp_path / "f.R").write_text('predict <- function(data) { message("bye"); quit("no") }')
    gittrack.save_model(tmp_path / "f.R", folder)
    loaded = gittrack.load_model(folder)
    for _ in range(2):
        with pytest.raises(StoppedInR, match="its process has ended: bye"):
            loaded.predict(TABLE)


def test_files_without_the_function(tmp_path: Path, folder: Path) -> None:
    """A crate is not written; a file says so when it is loaded, and its example warns."""
    (tmp_path / "f.R").write_text("x <- 1")
    with pytest.raises(CannotSave, match="object 'predict' of mode 'function' was not found"):
        gittrack.save_model(tmp_path / "f.R", folder, flavor="crate")
    with pytest.warns(GitTrackWarning, match="the signature is not known"):
        gittrack.save_model(tmp_path / "f.R", folder, input_example=TABLE)
    with pytest.raises(StoppedInR, match="was not found"):
        gittrack.load_model(folder)
    with pytest.raises(CannotSave, match=r"takes the path of an \.R file"):
        gittrack.save_model("gone.R", tmp_path / "other")


def test_without_r(source: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    gittrack.save_model(source, folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingLibrary, match="R is not installed"):
        gittrack.load_model(folder)


def test_its_process_ends_with_it(source: Path, folder: Path) -> None:
    """And leaves no files."""
    gittrack.save_model(source, folder)
    native = gittrack.load_model(folder).native
    native.close()
    assert native._process.returncode is not None
    assert not native._folder.exists()


def test_mlflows_package_finds_a_crate(source: Path, folder: Path, tmp_path: Path) -> None:
    """What `mlflow_load_flavor` and `mlflow_predict` of MLflow's R package do, in R."""
    gittrack.save_model(source, folder, flavor="crate")
    script = tmp_path / "mlflow.R"
    script.write_text("""
      model <- unserialize(readRDS(commandArgs(TRUE)[[1]]))
      stopifnot(inherits(model, "crate"))
      invisible(capture.output(found <- do.call(model, list(data.frame(a = c(1, 2.5))))))
      cat(round(found, 1))
    """)
    words = ["Rscript", "--vanilla", str(script), str(folder / "crate.bin")]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["4", "8.5"]


def test_mlflow_predicts_equally(source: Path, folder: Path, tmp_path: Path) -> None:
    """By the loader that the model carries, without gittrack."""
    gittrack.save_model(source, folder)
    script = f"""
import mlflow, pandas as pd
model = mlflow.pyfunc.load_model({str(folder)!r})
print(model.predict(pd.DataFrame({{"a": [1.0, 2.5, 0.1 + 0.2]}})).tolist())
"""
    required()
    words = [str(MLFLOW_PYTHON), "-B", "-c", script]
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == str(gittrack.load_model(folder).predict(TABLE).tolist())


def test_nothing_is_left_running(source: Path, folder: Path) -> None:
    """A program that ends ends its R."""
    gittrack.save_model(source, folder)
    script = f"""
import gittrack
loaded = gittrack.load_model({str(folder)!r})
print(loaded.native._process.pid, loaded.native._folder)
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    pid, files = done.stdout.split()
    assert not Path(files).exists()
    assert not psutil.pid_exists(int(pid))
