"""What a model needs is found in its files and its code, and pinned to what is installed."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from sklearn.linear_model import LinearRegression

import gittrack
from gittrack.models.needs import modules_of_code, requirements_of

if TYPE_CHECKING:
    from pathlib import Path


def test_imports_of_code(tmp_path: Path) -> None:
    """Those of other places count, wherever they stand; a file that is no Python is passed over."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from . import inner\nimport package.inner\n")
    (tmp_path / "package" / "inner.py").write_text(
        "def f():\n    from orjson import loads\n    return loads\n"
    )
    (tmp_path / "broken.py").write_text("import (\n")
    assert modules_of_code(tmp_path) == {"orjson"}
    assert modules_of_code(tmp_path / "nothing") == frozenset()


def test_requirements_are_pinned() -> None:
    """To what is installed; the standard library and gittrack are none."""
    assert requirements_of(["orjson", "json", "gittrack.models"], ["not-there"]) == [
        "not-there",
        f"orjson=={version('orjson')}",
    ]


def test_a_model_with_code(tmp_path: Path) -> None:
    """Its requirements are those of the estimator and of the code beside it."""
    code = tmp_path / "features.py"
    code.write_text("import yaml\n")
    gittrack.save_model(LinearRegression().fit([[1.0]], [1.0]), tmp_path / "model", code_paths=[code])
    said = (tmp_path / "model" / "requirements.txt").read_text().split()
    wanted = {f"{name}=={version(name)}" for name in ("scikit-learn", "skops", "numpy")}
    assert wanted <= set(said)
    assert any(line.lower().startswith("pyyaml==") for line in said)
