from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
name: demo
conda_env: cnda.yaml
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      data: path
    comand: x
    command: "python t.py '{alpha}' {dta}"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a faulty project; it needs no repository."""
    (tmp_path / "MLproject").write_text(TEXT)
    (tmp_path / "conda.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_validate(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a problem, with its place and what to do."""
    assert invoke(["project", "validate"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "MLproject:2: conda_env names a file that is not there: cnda.yaml (did you mean 'conda.yaml'?)",
        "MLproject:7: warning: the command of 'main' does not use the param 'data' (its value goes nowhere)",
        "MLproject:8: unknown key 'comand' (did you mean 'command'?)",
        "MLproject:9: entry point 'main' uses {dta}, which it does not declare (did you mean 'data'?)",
        (
            "MLproject:9: warning: entry point 'main' quotes {alpha} twice "
            "(write {alpha} without quotes: values come quoted)"
        ),
    ]


def test_validate_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for programs."""
    assert invoke(["project", "validate", str(project), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said[2] == {
        "path": str(project / "MLproject"),
        "message": "unknown key 'comand'",
        "hint": "did you mean 'command'?",
        "line": 8,
        "kind": "error",
    }


def test_fine(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings are no failure; without any it says so."""
    (project / "MLproject").write_text("entry_points: {m: {command: x, parameters: {a: float}}}\n")
    assert invoke(["project", "validate"]) == 0
    (project / "MLproject").write_text("entry_points: {m: {command: x}}\n")
    assert invoke(["project", "validate"]) == 0
    assert capsys.readouterr().out.endswith("\nMLproject is fine\n")


def test_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without one, and no folder."""
    assert invoke(["project", "validate", str(tmp_path)]) == 1
    assert invoke(["project", "show", str(tmp_path / "gone")]) == 1
    assert "no MLproject in" in capsys.readouterr().err


def test_show(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Entry points and params, for eyes and for programs."""
    (project / "MLproject").write_text(TEXT.replace("comand: x", "description: y") + "  empty: {}\n")
    assert invoke(["project", "show"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "project demo",
        "conda_env cnda.yaml",
        "main: python t.py '{alpha}' {dta}",
        "  alpha (float): default 0.5",
        "  data (path): required",
        "empty: (no command)",
    ]
    assert invoke(["project", "show", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["entry_points"]["main"]["parameters"]["data"] == {"type": "path", "default": None}


def test_show_scripts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A project without entry points has its scripts."""
    (project / "MLproject").unlink()
    assert invoke(["project", "show"]) == 0
    assert "no entry points" in capsys.readouterr().out


@pytest.mark.parametrize(("docker_env", "shown"), [("image: x:1", "x:1"), ("dockerfile: D", "D")])
def test_show_a_container(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], docker_env: str, shown: str
) -> None:
    """Its image, or the file that it is built from."""
    (tmp_path / "MLproject").write_text(f"docker_env: {{{docker_env}}}\n")
    assert invoke(["project", "show", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"docker_env {shown}\n")
