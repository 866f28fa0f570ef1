from __future__ import annotations

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.projects.mlproject import inspect, parse
from gittrack.launch.projects.project_values import DockerEnv, Param, Project

WINE = b"""\
name: wine
conda_env: env/conda.yaml
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      data: path
      no: {default: no}
    command: "python train.py {alpha} {data}"
  check: {command: pytest}
"""


def test_whole_project() -> None:
    """Names, environment, entry points and params with their lines."""
    project = parse(WINE)
    assert (project.name, project.conda_env, list(project.entry_points)) == (
        "wine",
        "env/conda.yaml",
        ["main", "check"],
    )
    main = project.entry_points["main"]
    assert (main.command, main.line) == ("python train.py {alpha} {data}", 4)
    assert list(main.params.values()) == [
        Param("alpha", "float", 0.5, 6),
        Param("data", "path", None, 7),
        Param("no", "string", False, 8),  # noqa: FBT003  a value as YAML 1.1 reads it
    ]


@pytest.mark.parametrize("data", [b"", b"\n# nothing\n", b"---\n", b"entry_points:\n"])
def test_empty(data: bytes) -> None:
    """Nothing is a project without entry points."""
    assert parse(data) == Project()


def test_docker() -> None:
    """The container, its volumes and variables."""
    project = parse(b"docker_env: {image: x, volumes: ['/a:/b'], environment: [HOME, [A, 1]]}")
    assert project.docker_env == DockerEnv("x", ("/a:/b",), ("HOME",), (("A", "1"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "not a mapping"),
        ("a: [", r"not YAML: .* \(line 2"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("? [a]\n: 1", "a key is not text"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("name: x\npython_env: a\nconda_env: b", r"more than one environment: .* \(line 3\)"),
        ("python_env: [a]", r"python_env is the name of a file \(line 1\)"),
        ("entry_points: [a]", "entry_points are a mapping"),
        ("entry_points:\n  main: python x.py", r"entry point 'main' is no mapping \(line 2\)"),
        ("entry_points:\n  main:\n    command: [python]", r"a command is text \(line 3\)"),
        (
            "entry_points:\n  main:\n    parameters:\n      lr: 0.1",
            r"'lr' is neither a type nor a mapping \(line 4\)",
        ),
        ("entry_points: {main: {parameters: [a]}}", "parameters are a mapping"),
        ("docker_env: x", "docker_env is no mapping"),
        ("docker_env: {volumes: []}", "names no image"),
        ("docker_env: {image: x, volumes: y}", "volumes are a list"),
        ("docker_env: {image: x, environment: [[a]]}", "a list of names and pairs"),
        ("docker_env: {image: x, environment: y}", "a list of names and pairs"),
    ],
)
def test_refused(text: str, message: str) -> None:
    """What cannot be run is refused with its line."""
    with pytest.raises(MalformedFile, match=message):
        parse(text.encode(), "MLproject")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nmae: x", ("unknown key 'nmae'", "did you mean 'name'?", 1)),
        (
            "entry_points:\n  main:\n    comand: x\n    command: y",
            ("unknown key 'comand'", "did you mean 'command'?", 3),
        ),
        ("entry_points:\n  main: {}", ("entry point 'main' has no command", "add `command: python …`", 2)),
        ("docker_env:\n  image: x\n  volume: y", ("unknown key 'volume'", "did you mean 'volumes'?", 3)),
        (
            "entry_points:\n  m:\n    command: x\n    parameters:\n      a:",
            ("param 'a' has no type", "string, float, path or uri", 5),
        ),
        (
            "entry_points:\n  m:\n    command: x\n    parameters:\n      a: {type: 1}",
            ("the type of param 'a' is no text", None, 5),
        ),
        ("databricks_spark_job: {}", ("a Databricks job runs on Databricks only", None, 1)),
    ],
)
def test_told(text: str, told: tuple[str, str | None, int]) -> None:
    """What MLflow passes over is told, and stands in nobody's way."""
    project, problems = inspect(text.encode())
    assert [one[:3] for one in problems] == [told]
    assert parse(text.encode()) == project


def test_lines_of_merged_keys() -> None:
    """A key that came by a merge has the line of what is around it."""
    text = "base: &b\n  parameters: {x: string}\nentry_points:\n  main:\n    <<: *b\n    command: a {x}\n"
    project, _ = inspect(text.encode())
    assert project.entry_points["main"].params["x"].line == 4


def test_aliases_cannot_explode() -> None:
    """A text that repeats itself a billion times is refused at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(MalformedFile, match="more than"):
        parse("\n".join(lines).encode())
