"""Where params and metrics came from is a tag of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.tracking.capture_options import CAPTURE, capture_tag
from gittrack.tracking.wrap import Wish

if TYPE_CHECKING:
    import pytest


def test_nothing(tmp_path: Path) -> None:
    """A plain command has no such tag."""
    assert capture_tag(Wish(), tmp_path) == {}


def test_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files below the folder are named relative to it, others in full."""
    monkeypatch.chdir(tmp_path)
    wish = Wish(
        params_files=[Path("p.yaml"), Path("/elsewhere/q.yaml")],
        metrics_files=[Path("sub/../m.json")],
        metrics_from_output=True,
        patterns=["a=(?P<a>.*)"],
    )
    assert json.loads(capture_tag(wish, tmp_path)[CAPTURE]) == {
        "params_files": ["p.yaml", str(Path("/elsewhere/q.yaml"))],
        "metrics_files": ["m.json"],
        "metrics_from_output": True,
        "patterns": ["a=(?P<a>.*)"],
    }
