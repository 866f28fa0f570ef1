from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments.failures import EnvironmentFailed, ToolMissing
from gittrack.launch.environments.processes import find_uv, run, variables_for_tools

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_come_as_they_are_said(tmp_path: Path) -> None:
    """Without credentials."""
    said: list[str] = []
    run(
        [sys.executable, "-c", "print('a'); print(); print('https://u:p@h/')"],
        tool="x",
        cwd=tmp_path,
        environ={},
        progress=said.append,
    )
    assert said == ["a", "https://h/"]


def test_a_program_that_is_missing(tmp_path: Path) -> None:
    """The path is in the hint."""
    with pytest.raises(ToolMissing, match="x cannot be started"):
        run([str(tmp_path / "x")], tool="x", cwd=tmp_path, environ={})


def test_a_program_that_fails(tmp_path: Path) -> None:
    """Its last line is the message."""
    with pytest.raises(EnvironmentFailed, match=r"^x .*failed: why$"):
        run([sys.executable, "-c", "print('why'); raise SystemExit(3)"], tool="x", cwd=tmp_path, environ={})


def test_a_program_ends_with_its_reader(tmp_path: Path) -> None:
    """^C leaves none behind."""

    def stop(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(
            [sys.executable, "-uc", "print(1); import time; time.sleep(60)"],
            tool="x",
            cwd=tmp_path,
            environ={},
            progress=stop,
        )


def test_tools_see_no_other_environment() -> None:
    """Only what they need."""
    seen = variables_for_tools({"VIRTUAL_ENV": "/x", "UV_INDEX_URL": "y"})
    assert "VIRTUAL_ENV" not in seen
    assert seen["UV_INDEX_URL"] == "y"


def test_uv_from_path_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it was not installed with gittrack."""
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(ToolMissing, match="uv is not installed"):
        find_uv({"PATH": str(tmp_path), "HOME": str(tmp_path)})
    (tmp_path / "uv").touch(mode=0o755)
    assert find_uv({"PATH": str(tmp_path)}) == str(tmp_path / "uv")
