"""The example projects run as their READMEs say, each in its real environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.launch.environments.processes import find_uv
from tests.support.containers import IMAGE, Podman, podman, podman_store
from tests.support.git import git_run
from tests.support.readme import blocks
from tests.test_examples import EXAMPLES, clone, records, run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["clone", "podman", "podman_store"]
_UV_CACHE = subprocess.run(
    [find_uv(os.environ), "cache", "dir"], capture_output=True, check=True, text=True
).stdout.strip()  # before a test has a home of its own


def gittrack(*words: str, cwd: Path) -> dict[str, Any]:
    """Run a command; gives the newest run."""
    run("-m", "gittrack", *words, cwd=cwd)
    return records(cwd)[0]


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are downloaded once for all tests; Pythons never are."""
    monkeypatch.setenv("UV_CACHE_DIR", _UV_CACHE)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")


def test_shell(clone: Path) -> None:
    """Params, metrics and a tag from a script."""
    found = gittrack("run", "examples/shell", cwd=clone)
    assert (found["params"], found["metrics"]["loss"]) == ({"lr": 0.5, "steps": 5}, 3)
    assert found["tags"]["verdict"] == "good"


def test_r(clone: Path) -> None:
    """Metrics and a table from R."""
    if shutil.which("Rscript") is None:
        reason = "Rscript is not installed: run .ci/parts"
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
    found = gittrack("run", "examples/r", "-P", "degree=4", cwd=clone)
    assert found["metrics"]["rmse"] < 15
    assert "fitted.csv" in run("-m", "gittrack", "show", "@last", cwd=clone)
    assert git_run("status", "--porcelain", cwd=clone) == ""


@pytest.mark.usefixtures("uv")
def test_conda_by_uv(clone: Path) -> None:
    """Python and pip packages: no Conda is needed."""
    found = gittrack("run", "examples/conda", "-P", "slope=3", "--seed", "7", cwd=clone)
    assert found["tags"]["gittrack.project.env"] == "uv"
    assert abs(found["metrics"]["slope"] - 3) < 0.1


def test_conda_channel(clone: Path, tmp_path: Path) -> None:
    """A package from a channel in a folder, by py-rattler."""
    pytest.importorskip("rattler")
    example = clone / "examples" / "conda-channel"
    url = run(str(example / "make_channel.py"), str(tmp_path / "channel"), cwd=clone).strip()
    text = (example / "conda.yaml").read_text()
    (example / "conda.yaml").write_text(text.replace("file:///tmp/gittrack-example-channel", url))
    found = gittrack("run", "examples/conda-channel", "--env", "rattler", cwd=clone)
    assert {name: value for name, value in found["metrics"].items() if name.startswith("count")} == {
        "count/the": 8,
        "count/record": 4,
        "count/and": 2,
    }


def test_docker(clone: Path, podman: Podman) -> None:
    """Built, run, and reproduced to the last digit; the base image has the name that it asks for."""
    podman.ask("tag", IMAGE, "docker.io/library/python:3.12-slim")
    found = gittrack("run", "examples/docker", "-P", "points=5000", cwd=clone)
    assert abs(found["metrics"]["pi"] - 3.14) < 0.1
    assert "identical" in run("-m", "gittrack", "reproduce", "@last", cwd=clone)
    assert git_run("status", "--porcelain", cwd=clone) == ""


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in EXAMPLES.glob("*/MLproject")))
def test_every_project_says_how_it_is_run(folder: str) -> None:
    """Each README has commands, and they name its folder and params that it has."""
    text = (EXAMPLES / folder / "README.md").read_text()
    (block,) = blocks("sh", text)
    assert f"examples/{folder}" in block
    project = (EXAMPLES / folder / "MLproject").read_text()
    assert all(f"{name}:" in project for name in re.findall(r"-P (\w+)=", block))
