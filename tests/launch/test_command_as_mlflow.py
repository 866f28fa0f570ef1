"""Commands are the ones that MLflow computes, for projects of every shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittrack.core.errors import GitTrackError
from gittrack.launch.environments import plan
from gittrack.launch.projects import command, entry_points, parameters, project
from tests.support.real_mlflow import Oracle, oracle

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def mlflow() -> Iterator[Oracle]:
    """MLflow, in a process of its own."""
    found = oracle()
    yield found
    found.close()


def nowhere(url: str, position: int) -> Path:
    """Nothing is downloaded here; an empty text is an empty folder, as in MLflow."""
    if not url:
        return Path("STORAGE", f"param_{position}")
    msg = f"no download of {url} for {position}"
    raise GitTrackError(msg)


def ours(directory: Path, name: str, params: dict[str, str]) -> str:
    """The command as gittrack computes it."""
    found = project.load(directory)
    entry = entry_points.find(found, name, script_shell="/bin/sh")
    chosen = parameters.choose(entry, params)
    paths = parameters.resolve(chosen, nowhere, here=directory, project=directory)
    return command.fill(entry.command or "", {**chosen.declared, **paths}, chosen.extra)


def same(mlflow: Oracle, directory: Path, name: str, params: dict[str, str]) -> dict[str, Any]:
    """Hold ours against MLflow's; where MLflow crashes, ours must be an error of ours or better."""
    theirs = mlflow.ask(directory, name, params)
    try:
        mine = ours(directory, name, params)
    except GitTrackError as error:
        if theirs["kind"] == "computed":
            pytest.fail(f"{error.message}, but MLflow says {theirs['command']!r}")
        return theirs
    assert theirs["kind"] != "refused", (theirs, mine)
    if theirs["kind"] == "computed":
        assert mine == theirs["command"]
    return theirs


PROJECT = """
name: demo
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      beta: float
      text: {default: "two words"}
      data: {type: path, default: data.csv}
      link: {type: uri, default: "s3://bucket/x"}
    command: "python train.py {alpha} --beta {beta} {text} {data} {link} {{literal}}"
  quoted:
    parameters: {x: string}
    command: "echo '{x}' \\"{x}\\" {x!r} {x:>10}"
  bare:
    command: python x.py
"""


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("main", {"beta": "1"}),
        ("main", {"beta": "1", "alpha": "2", "text": 'it\'s $HOME `x` "y"'}),
        ("main", {"beta": "1", "extra": "a b", "odd key;": "v"}),
        ("main", {}),
        ("main", {"beta": "1", "data": "missing.csv"}),
        ("main", {"beta": "1", "data": "da%74a.csv"}),
        ("main", {"beta": "1", "data": "sub/../data.csv"}),
        ("main", {"beta": "1", "link": "no-scheme"}),
        ("quoted", {"x": "a b"}),
        ("quoted", {"x": ""}),
        ("bare", {"lr": "0.1", "seed": "1"}),
        ("train.py", {"lr": "0.1"}),
        ("a b.py", {}),
        ("run.sh", {"n": "3"}),
        ("fit.R", {"n": "3"}),
        ("none", {}),
        ("none.txt", {}),
    ],
)
def test_written(mlflow: Oracle, tmp_path: Path, name: str, params: dict[str, str]) -> None:
    """Quoting, templates, defaults, extra params, scripts."""
    (tmp_path / "MLproject").write_text(PROJECT)
    (tmp_path / "data.csv").write_text("1\n")
    (tmp_path / "sub").mkdir()
    same(mlflow, tmp_path, name, params)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: only a name\n",
        "python_env: env.yaml\n",
        "conda_env: env.yaml\n",
        "python_env: missing.yaml\n",
        "conda_env: missing.yaml\n",
        "python_env: env.yaml\nconda_env: env.yaml\n",
        "docker_env: {volumes: []}\n",
        "docker_env: {image: x, volumes: text}\n",
        "docker_env: {image: x, environment: text}\n",
        "entry_points: {main: {command: 'echo', description: hello, unknown: 1}}\n",
        "entry_points: {main: {parameters: {x: {default: null}}, command: 'echo {x}'}}\n",
        "entry_points: {main: {parameters: {x: {default: &a no}, y: {default: *a}}, command: '{x} {y}'}}\n",
        "entry_points:\n  base: &b {command: echo a}\n  main:\n    <<: *b\n",
        "entry_points: [a]\n",
        "- a\n",
        "a: [\n",
    ],
)
@pytest.mark.parametrize("file", ["MLproject", "mlproject", "MLPROJECT"])
def test_files(mlflow: Oracle, tmp_path: Path, text: str, file: str) -> None:
    """The whole grammar, and what MLflow refuses."""
    (tmp_path / file).write_text(text)
    (tmp_path / "env.yaml").write_text("dependencies: []\n")
    theirs = mlflow.ask(tmp_path, "main", {})
    if "missing" in text:
        assert theirs["kind"] == "refused"
        with pytest.raises(GitTrackError):
            environment_of(tmp_path)
    else:
        same(mlflow, tmp_path, "main", {})


def environment_of(directory: Path) -> tuple[str, str | None]:
    """Which environment is chosen: MLflow's word for it, and the file."""
    found = project.load(directory)
    chosen = plan(directory, python_env=found.python_env, conda_env=found.conda_env)
    kind = {"env.yaml": (found.python_env and "python_env") or "conda_env", "none": "python_env"}
    kind |= {"python_env.yaml": "python_env", "conda.yaml": "conda_env"}
    return kind[chosen.source], None if chosen.source == "none" else chosen.source


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("name: x\n", []),
        ("name: x\n", ["python_env.yaml"]),
        ("name: x\n", ["conda.yaml"]),
        ("name: x\n", ["python_env.yaml", "conda.yaml"]),
        ("python_env: env.yaml\n", ["env.yaml", "conda.yaml"]),
        ("conda_env: env.yaml\n", ["env.yaml", "python_env.yaml"]),
        ("python_env: ''\n", ["conda.yaml"]),
    ],
)
def test_environments(mlflow: Oracle, tmp_path: Path, text: str, files: list[str]) -> None:
    """The named file, else python_env.yaml, else conda.yaml."""
    (tmp_path / "MLproject").write_text(text)
    for name in files:
        (tmp_path / name).write_text("dependencies: []\n")
    theirs = mlflow.ask(tmp_path, "x.py", {})
    assert list(environment_of(tmp_path)) == theirs["env"]


NAMES = st.sampled_from(["alpha", "n", "yes", "x", "a-b", "a.b", "lr_0", "X1", "0", "é"])
SCALARS = st.sampled_from(
    [
        *("0.5", "1e-3", "1.0e-3", "1.10", "yes", "no", "on", "010", "0x1F", "1_000", "12:30", "2020-01-01"),
        *("~", "null", "'quoted text'", '"it\'s"', "[1, two]", "{a: 1}", "true", ".inf", "-1", "two words"),
        *("é", "''", "2020-01-01 10:00:00", "!!str 5", "a#b", "$HOME"),
    ]
)
KINDS = st.sampled_from(["string", "float", "int", "str", "uri", "path", "anything"])
TEXTS = st.text(st.sampled_from([*"ab0 '\"$`\\;&|<>(){}#~*?!=%-_\té\n"]), max_size=8)
PATHS = st.sampled_from(["data.csv", "./data.csv", "missing", "da%74a.csv", "sub", "", "file:data.csv"])
LINKS = st.sampled_from(["s3://b/x", "x:y", "plain", "", "file:///x", "://x"])


@st.composite
def projects(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """The text of a project, and params for its entry point `main`."""
    declared = draw(st.dictionaries(NAMES, st.tuples(KINDS, st.none() | SCALARS), max_size=4))
    lines = ["entry_points:", "  main:"]
    lines += ["    parameters:"] if declared else []
    given: dict[str, str] = {}
    for name, (kind, default) in declared.items():
        shape = draw(st.sampled_from(["block", "flow", "short"]))
        if default is None and shape == "short":
            lines.append(f"      {json.dumps(name)}: {kind}")
        else:
            lines += [f"      {json.dumps(name)}:", f"        type: {kind}"]
            lines += [] if default is None else [f"        default: {default}"]
        if draw(st.integers(0, 9)) > (0 if default is None else 5):
            values = {"float": st.just("0.1"), "int": st.just("3"), "uri": LINKS, "path": PATHS}
            given[name] = draw(values.get(kind, TEXTS))
    for name in draw(st.lists(NAMES | TEXTS.filter(bool), max_size=2)):
        if name not in declared:
            given[name] = draw(TEXTS)
    pieces = st.sampled_from(["python t.py", "{{x}}", "'", '"', "a\\b", "$HOME", "é", "--lr"])
    broken = st.sampled_from(["{", "}", "{nobody}", "{}", "{0}", "{{{x}"])
    used = st.builds(
        "{{{}{}}}".format, NAMES, st.sampled_from(["", "", "", "!r", "!s", ":>9", ":{n}", "[0]"])
    )
    own = st.sampled_from([f"{{{name}}}" for name in declared] or ["-"])
    anything = own | pieces if draw(st.integers(0, 3)) else own | pieces | broken | used
    template = " ".join(draw(st.lists(anything, min_size=1, max_size=4)))
    lines.append(f"    command: {json.dumps(template)}")
    return "\n".join(lines) + "\n", given


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(projects())
def test_generated(mlflow: Oracle, tmp_path: Path, made: tuple[str, dict[str, str]]) -> None:
    """Any project and any params."""
    text, params = made
    (tmp_path / "MLproject").write_text(text)
    (tmp_path / "data.csv").write_text("1\n")
    (tmp_path / "sub").mkdir(exist_ok=True)
    same(mlflow, tmp_path, "main", params)
