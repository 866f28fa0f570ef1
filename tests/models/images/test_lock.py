from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments.failures import EnvironmentFailed
from gittrack.models.images.lock import locked, wanted

if TYPE_CHECKING:
    from pathlib import Path


def _silent(_text: str) -> None:
    pass


def _names(lines: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in lines}


def test_what_a_server_needs_is_there(tmp_path: Path) -> None:
    """Without requirements of a model there is what `gittrack model serve` imports, and no terminal."""
    names = _names(wanted(tmp_path))
    assert {"click", "fastapi", "orjson", "pandas", "pyyaml", "uvicorn"} <= names
    assert not {"textual", "rich", "gitpython", "gittrack"} & names


def test_what_the_model_pins_stays(tmp_path: Path) -> None:
    """Its own requirement of a package is the one that counts; options and gittrack are left out."""
    (tmp_path / "requirements.txt").write_text(
        "# made\n-i https://x.example\ngittrack==9\npandas==2.2.0\nPyYAML==6\n"
    )
    lines = wanted(tmp_path)
    assert lines[:2] == ["pandas==2.2.0", "PyYAML==6"]
    assert sum(line.lower().startswith(("pandas", "pyyaml")) for line in lines) == 2
    assert "gittrack==9" not in lines


def test_mlflow_is_left_out_where_it_is_not_needed(tmp_path: Path) -> None:
    """A flavor that gittrack loads itself needs none; any other does."""
    (tmp_path / "requirements.txt").write_text("mlflow==3.17.2\nnumpy==2.4.6\n")
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function: {}\n")
    assert "mlflow==3.17.2" in wanted(tmp_path)
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function: {}\n  sklearn: {}\n")
    assert "mlflow==3.17.2" not in wanted(tmp_path)


def test_each_package_has_version_and_hash(tmp_path: Path) -> None:
    """The lock is complete: `--require-hashes` takes it."""
    (tmp_path / "requirements.txt").write_text("joblib==1.5.3\n")
    text = locked(tmp_path, "3.11", "x86_64-unknown-linux-gnu", _silent).decode()
    packages = re.findall(r"^([a-z0-9-]+)==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert {"joblib", "numpy", "starlette"} <= set(packages)
    assert len(packages) == text.count("==")


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    """Requirements that exclude each other are an error of ours."""
    (tmp_path / "requirements.txt").write_text("joblib==1.5.3\njoblib==1.5.2\n")
    with pytest.raises(EnvironmentFailed, match="joblib"):
        locked(tmp_path, "3.11", "x86_64-unknown-linux-gnu", _silent)
