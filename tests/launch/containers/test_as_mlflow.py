"""What `docker run` is given, next to what MLflow gives it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.launch.containers import grammar
from gittrack.launch.containers.supervise import bind
from tests.support.real_mlflow import PYTHON, required

if TYPE_CHECKING:
    from pathlib import Path

_ASK = """
import json, sys, types
sys.modules["docker"] = types.ModuleType("docker")  # which only talks to a daemon
from mlflow.projects.backend import local
from mlflow.cli import _user_args_to_dict
info = types.SimpleNamespace(run_id="r", experiment_id="0", artifact_uri="/artifacts")
run = types.SimpleNamespace(info=info)
image = types.SimpleNamespace(tags=["image:1"])
answers = []
for case in json.load(sys.stdin):
    try:
        given = _user_args_to_dict(case["arguments"], argument_type="A")
        answers.append(local._get_docker_command(image, run, given, case["volumes"], case["environment"]))
    except (Exception, SystemExit) as error:
        answers.append(str(error) or "refused")
print(json.dumps(answers))
"""
CASES: list[dict[str, Any]] = [
    {"arguments": [], "volumes": None, "environment": None},
    {"arguments": ["gpus=all", "t", "network=host", "m=1g"], "volumes": None, "environment": None},
    {"arguments": [], "volumes": ["/a:/b", "/c:/d:ro"], "environment": None},
    {"arguments": [], "volumes": [], "environment": [["NEW", "two words"], "COPIED"]},
    {"arguments": ["t", "t"], "volumes": None, "environment": None},
    {"arguments": [], "volumes": None, "environment": ["NOT_SET"]},
]


@pytest.fixture(scope="module")
def theirs() -> list[Any]:
    """MLflow's answers to all of them."""
    required()
    environ = os.environ | {"COPIED": "yes", "MLFLOW_TRACKING_URI": "/runs"}
    done = subprocess.run(
        [PYTHON, "-I", "-c", _ASK],
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    answers: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def ours(case: dict[str, Any], directory: Path) -> list[str]:
    """The same words from our parts."""
    words = list(grammar.arguments(case["arguments"]))
    for text in case["volumes"] or ():
        words += ["-v", bind(*grammar.mount(text, directory)).removeprefix("--volume=")]
    for entry in case["environment"] or ():
        if isinstance(entry, str):
            grammar.copied([entry], {"COPIED": "yes"})
        words += ["-e", f"{entry}=yes" if isinstance(entry, str) else "=".join(entry)]
    return words


def own(words: list[str]) -> list[str]:
    """Without MLflow's own mounts and variables, and without the image."""
    assert words[:3] == ["docker", "run", "--rm"]
    assert words[-1] == "image:1"
    pairs = shlex.split(shlex.join(words[3:-1]))
    kept: list[str] = []
    skip = False
    for word, after in zip(pairs, [*pairs[1:], ""], strict=True):
        if skip:
            skip = False
        elif word in {"-v", "-e"} and after.startswith(("MLFLOW_", "/runs", "/artifacts")):
            skip = True
        else:
            kept.append(word)
    return kept


@pytest.mark.parametrize("number", range(len(CASES)))
def test_words(theirs: list[Any], tmp_path: Path, number: int) -> None:
    """Arguments, volumes and variables are the same words in the same order; what it refuses, we refuse."""
    answer = theirs[number]
    if isinstance(answer, str):
        with pytest.raises(Exception, match=r"twice|not set"):
            ours(CASES[number], tmp_path)
    else:
        assert ours(CASES[number], tmp_path) == own(answer)
