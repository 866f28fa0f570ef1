from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue, MalformedFile, UsageError
from gittrack.launch.environments import plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYPROJECT = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["six"]\n'
SYSTEM = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SCRIPT = '# /// script\n# dependencies = ["six"]\n# ///\n'


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"requirements.txt": "six", "pyproject.toml": PYPROJECT}, "pyproject.toml"),
        ({"requirements.txt": "six", "pyproject.toml": "[tool.ruff]"}, "requirements.txt"),
        ({"requirements.txt": "six", "pyproject.toml": SYSTEM}, "pyproject.toml"),
        ({"pylock.toml": 'lock-version = "1.0"', "pyproject.toml": PYPROJECT}, "pylock.toml"),
        ({"uv.lock": "version = 1", "pyproject.toml": PYPROJECT}, "uv.lock"),
        ({"uv.lock": "version = 1", "requirements.txt": ""}, "requirements.txt"),
        ({"python_env.yaml": "", "conda.yaml": ""}, "python_env.yaml"),
        ({"conda.yaml": "", "uv.lock": ""}, "conda.yaml"),
        ({"environment.yml": "dependencies: [r-base]"}, "environment.yml"),
        ({"train.py": ""}, "none"),
    ],
)
def test_which_file_decides(project: Callable[..., Path], files: dict[str, str], source: str) -> None:
    """The one that says most about it."""
    assert plan(project(files)).source == source


def test_without_a_file_the_environment_is_taken_as_it_is(project: Callable[..., Path]) -> None:
    """And the plan says so."""
    found = plan(project({"x.py": ""}))
    assert (found.manager, found.to_record()["notes"]) == (
        "local",
        ["no file names an environment: taken as it is"],
    )


def test_a_script_names_its_own(project: Callable[..., Path]) -> None:
    """Before any file."""
    top = project({"requirements.txt": "idna", "x.py": SCRIPT, "y.py": "", "z.sh": ""})
    assert plan(top, script="x.py").layers[0].lines == ("six",)
    assert [plan(top, script=name).source for name in ("y.py", "z.sh", "gone.py")] == ["requirements.txt"] * 3


@pytest.mark.parametrize(
    ("manager", "text", "made_by"),
    [
        (None, "dependencies: [python=3.11, pip, {pip: [six]}]", ("uv", None)),
        ("virtualenv", "dependencies: [pip, {pip: [six]}]", ("uv", None)),
        ("conda", "dependencies: [python=3.11]", ("conda", None)),
        ("rattler", "dependencies: [python=3.11]", ("conda", "rattler")),
        (None, "dependencies: [r-base]", ("conda", None)),
        (None, "variables: {A: b}", ("conda", None)),
        ("local", "dependencies: [r-base]", ("local", None)),
    ],
)
def test_who_makes_a_conda_environment(
    project: Callable[..., Path], manager: str | None, text: str, made_by: tuple[str, str | None]
) -> None:
    """Uv where no Conda is needed, unless Conda is asked for."""
    found = plan(project({"conda.yaml": text}), conda_env="conda.yaml", manager=manager)
    assert (found.manager, found.tool) == made_by


def test_managers_that_cannot(project: Callable[..., Path]) -> None:
    """Each says what to do instead."""
    top = project({"conda.yaml": "dependencies: [r-base]", "requirements.txt": "six", "python_env.yaml": ""})
    with pytest.raises(UsageError, match="only Conda has"):
        plan(top, conda_env="conda.yaml", manager="uv")
    with pytest.raises(UsageError, match="not an environment of Conda"):
        plan(top, python_env="python_env.yaml", manager="conda")
    with pytest.raises(UsageError, match="no such environment manager: venv"):
        plan(top, manager="venv")
    with pytest.raises(UsageError, match="both given"):
        plan(top, python_env="python_env.yaml", conda_env="conda.yaml")


def test_named_files_that_are_missing_or_outside(project: Callable[..., Path]) -> None:
    """Each is an error of its own."""
    top = project({"x": ""})
    with pytest.raises(MalformedFile, match=r"gone\.yaml: no such file"):
        plan(top, python_env="gone.yaml")
    with pytest.raises(InvalidValue, match="outside of the project"):
        plan(top, conda_env="../conda.yaml")


@pytest.mark.parametrize(
    "name", ["uv.lock", "pylock.toml", "pyproject.toml", "requirements.txt", "python_env.yaml", "conda.yaml"]
)
def test_files_that_are_no_text(project: Callable[..., Path], name: str) -> None:
    """The file is named."""
    top = project({"pyproject.toml": ""})
    (top / name).write_bytes(b"\xff\xfe\x00")
    if name == "uv.lock":
        (top / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(MalformedFile):
        plan(top)


def test_the_python_of_a_project(project: Callable[..., Path]) -> None:
    """`.python-version` before `requires-python`; a name is no version."""
    top = project({"pyproject.toml": PYPROJECT})
    assert plan(top).python == ">=3.9"
    (top / ".python-version").write_text("3.12\n")
    assert plan(top).python == "3.12"
    (top / ".python-version").write_text("pypy@3.10\n")
    assert plan(top).python == ">=3.9"


def test_what_determines_an_environment(project: Callable[..., Path]) -> None:
    """Order, spaces, comments and credentials do not; versions do."""
    texts = [
        "six\nidna==3",
        "idna == 3 # x\n\nsix",
        "six\nidna==2",
        "six\nidna==3\n-i https://a",
        "six\nidna==3\n-i https://u:p@a",
    ]
    digests = [
        plan(project({"requirements.txt": text}, f"p{number}")).digest for number, text in enumerate(texts)
    ]
    assert digests[0] == digests[1]
    assert digests[3] == digests[4]
    assert len(set(digests)) == 3


def test_a_wish_that_the_running_python_meets_is_that_python(project: Callable[..., Path]) -> None:
    """Its environment is shared."""
    asked = [None, platform.python_version(), platform.python_version().rpartition(".")[0], ">=3.8", "3.2"]
    tops = [project({"python_env.yaml": f"python: '{text or ''}'"}, f"p{n}") for n, text in enumerate(asked)]
    assert len({plan(top).digest for top in tops}) == 2


def test_code_in_place_ties_to_its_folder_and_copied_code_to_its_content(
    project: Callable[..., Path],
) -> None:
    """So an environment is never shared where its code differs."""
    files = {"lib/pyproject.toml": SYSTEM, "lib/a.py": "1", "lib/__pycache__/x.pyc": ""}

    def digests(name: str, line: str, **more: str) -> str:
        return plan(
            project({"requirements.txt": line, **files, **{f"lib/{k}.py": v for k, v in more.items()}}, name)
        ).digest

    assert digests("a", "-e ./lib") == digests("a", "-e ./lib", b="2")
    assert plan(project({"requirements.txt": "-e ./lib", **files}, "b")).ties != plan(project({}, "a")).ties
    assert (
        plan(project({"requirements.txt": "./lib", **files}, "c")).ties
        == plan(project({"requirements.txt": "./lib", **files}, "d")).ties
    )
    assert plan(project({"lib/a.py": "2"}, "c")).ties != plan(project({}, "d")).ties


def test_the_record_of_a_plan(project: Callable[..., Path]) -> None:
    """What was asked, without credentials."""
    top = project(
        {
            "python_env.yaml": "python: '3.11'\nbuild_dependencies: [pip]\n"
            "dependencies: [-r requirements.txt]\nx: 1",
            "requirements.txt": "--extra-index-url https://u:p@h/simple\nsix\n--prefer-binary\n",
        }
    )
    record = plan(top, python_env="python_env.yaml").to_record()
    assert len(record.pop("digest")) == 40
    assert record == {
        "manager": "uv",
        "source": "python_env.yaml",
        "files": ["python_env.yaml", "requirements.txt"],
        "python": "3.11",
        "build_dependencies": ["pip"],
        "dependencies": ["six"],
        "indexes": ["--extra-index-url https://h/simple"],
        "notes": [
            "python_env.yaml: unknown key 'x'",
            "requirements.txt line 3: --prefer-binary means nothing to uv and is left out",
        ],
    }


def test_the_record_of_a_conda_plan(project: Callable[..., Path]) -> None:
    """Of variables the names only."""
    text = "channels: ['https://u:p@h/c']\ndependencies: [r-base, {pip: [six]}]\nvariables: {A: secret}"
    record = plan(project({"conda.yaml": text})).to_record()
    assert record["conda"] == {"channels": ["https://h/c"], "dependencies": ["r-base"], "variables": ["A"]}
    assert record["dependencies"] == ["six"]
