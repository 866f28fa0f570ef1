"""MLflow with gittrack's entry points, which come from `pyproject.toml`: gittrack is not installed here."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[3]


def entry_points(folder: Path) -> None:
    """Write what an installer would write, so that MLflow finds the plug-in."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    info = folder / "gittrack-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gittrack\nVersion: 0\n")
    lines = [
        line
        for group, names in groups.items()
        for line in [f"[{group}]", *(f"{a} = {b}" for a, b in names.items())]
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


_FOLDER = Path(tempfile.mkdtemp(prefix="gittrack-entry-points-"))
entry_points(_FOLDER)
sys.path.insert(0, str(_FOLDER))
os.environ["PYTHONPATH"] = os.pathsep.join([str(_FOLDER), str(ROOT)])
