from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.projects import project
from gittrack.launch.projects.project_values import Project
from gittrack.launch.projects.uri import NoSuchProject

if TYPE_CHECKING:
    from pathlib import Path


def problems(folder: Path, text: str) -> list[tuple[int | None, str, str | None, str]]:
    """Line, message, hint and kind of what is wrong with a text."""
    (folder / "MLproject").write_text(text)
    return [(one.line, one.message, one.hint, one.kind) for one in project.validate(folder)]


def test_load_without_file(tmp_path: Path) -> None:
    """A folder without MLproject is a project of scripts."""
    assert project.load(tmp_path) == Project()


def test_any_case(tmp_path: Path) -> None:
    """The name of the file may be in any case."""
    (tmp_path / "mlPROJECT").write_text("name: x")
    assert project.load(tmp_path).name == "x"


def test_errors_name_file_and_line(tmp_path: Path) -> None:
    """A project that cannot be read says where."""
    (tmp_path / "MLproject").write_text("name: x\nentry_points: [a]\n")
    with pytest.raises(MalformedFile, match=r"MLproject: entry_points are a mapping: .* \(line 2\)"):
        project.load(tmp_path)


@pytest.mark.parametrize("content", [b"\xff", b"a: 1\n" * 300_000])
def test_unreadable(tmp_path: Path, content: bytes) -> None:
    """What is not UTF-8 or too large is refused."""
    (tmp_path / "MLproject").write_bytes(content)
    with pytest.raises(MalformedFile):
        project.load(tmp_path)
    assert project.validate(tmp_path)[0].kind == "fatal"


def test_folder_as_file(tmp_path: Path) -> None:
    """A folder of that name is no project file."""
    (tmp_path / "MLproject").mkdir()
    with pytest.raises(MalformedFile, match="not a file"):
        project.load(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(NoSuchProject, match="no such folder"):
        project.load(tmp_path / "gone")
    with pytest.raises(NoSuchProject, match="no MLproject"):
        project.validate(tmp_path)


def test_fine(tmp_path: Path) -> None:
    """A good project has no problems."""
    (tmp_path / "env.yaml").write_text("")
    assert (
        problems(
            tmp_path, "python_env: env.yaml\nentry_points: {m: {command: 'a {x}', parameters: {x: int}}}"
        )
        == []
    )


def test_command_and_params(tmp_path: Path) -> None:
    """Params that only the command, or only the declaration knows; quotes; unknown types; braces."""
    text = """\
entry_points:
  main:
    parameters:
      alpha: float
      unused: strin
    command: "t '{alpha}' {alhpa} {zzz}"
  bad:
    command: "t {"
"""
    assert problems(tmp_path, text) == [
        (5, "param 'unused' has the unknown type 'strin'", "did you mean 'string'?", "warning"),
        (5, "the command of 'main' does not use the param 'unused'", "its value goes nowhere", "warning"),
        (6, "entry point 'main' uses {alhpa}, which it does not declare", "did you mean 'alpha'?", "error"),
        (
            6,
            "entry point 'main' uses {zzz}, which it does not declare",
            "declare it below `parameters:`",
            "error",
        ),
        (
            6,
            "entry point 'main' quotes {alpha} twice",
            "write {alpha} without quotes: values come quoted",
            "warning",
        ),
        (
            8,
            "entry point 'bad': no template: Single '{' encountered in format string",
            "a brace is {{ or }}",
            "error",
        ),
    ]


def test_environment_files(tmp_path: Path) -> None:
    """A missing file is named with what is near; one outside is refused."""
    (tmp_path / "conda.yaml").write_text("")
    ((_, message, hint, _),) = problems(tmp_path, "conda_env: cnda.yaml\n")
    assert (message, hint) == (
        "conda_env names a file that is not there: cnda.yaml",
        "did you mean 'conda.yaml'?",
    )
    ((_, message, _, _),) = problems(tmp_path, "python_env: ../x.yaml\n")
    assert message == "python_env leads outside of the project: ../x.yaml"


def test_two_environments(tmp_path: Path) -> None:
    """Both at once is fatal."""
    (tmp_path / "a").write_text("")
    found = problems(tmp_path, "python_env: a\nconda_env: a\n")
    assert [(line, kind) for line, _, _, kind in found] == [(2, "fatal")]
