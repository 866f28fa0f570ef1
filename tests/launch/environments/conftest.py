"""Real uv with its own cache, environments kept in the test's folder."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments.processes import find_uv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_UV_CACHE = subprocess.run(
    [find_uv(os.environ), "cache", "dir"], capture_output=True, check=True, text=True
).stdout.strip()  # before a test has a home of its own


@pytest.fixture(autouse=True)
def _uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are downloaded once for all tests; Pythons never are."""
    monkeypatch.setenv("UV_CACHE_DIR", _UV_CACHE)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where a test keeps environments."""
    return tmp_path / "environments"


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes the files of a project: `project({"requirements.txt": "six"})`."""

    def write(files: dict[str, str], name: str = "project") -> Path:
        top = tmp_path / name
        for path, text in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text, encoding="utf-8")
        return top

    return write
