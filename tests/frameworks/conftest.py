"""Tests of a framework are collected in its own environment only, see `.ci/frameworks`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a framework's folder out unless this is the Python of that framework."""
    below = collection_path.relative_to(HERE).parts
    return True if below and (HERE / below[0]).is_dir() and below[0] != Path(sys.prefix).name else None
