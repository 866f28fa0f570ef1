"""Runs in containers, reproduced in the same image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.launch.containers.again import again
from gittrack.launch.containers.box import Box
from gittrack.launch.projects import job, running
from gittrack.launch.projects.request import Request
from gittrack.launch.reproduction.reproduce import preview, repeat_run
from gittrack.launch.reproduction.script import script_of
from gittrack.store.runs import RunStore
from tests.support.containers import IMAGE, Podman
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run

MLPROJECT = """\
docker_env: {dockerfile: Dockerfile, environment: [[FACTOR, '2']]}
entry_points:
  main:
    parameters: {data: {type: path, default: data.txt}}
    command: >-
      printf '{{"event": "metric", "key": "x", "value": %s}}\\n' $(($FACTOR * $(cat {data}) + $(cat /made)))
      >> $GITTRACK_JOURNAL
"""


@pytest.fixture
def original(tmp_path: Path, podman: Podman, monkeypatch: pytest.MonkeyPatch) -> tuple[RunStore, Run]:
    """A run in an image that was built for it."""
    del podman
    path = make_repo(tmp_path / "project", commit=False)
    (path / "MLproject").write_text(MLPROJECT)
    (path / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo 5 > /made\n")
    (path / "data.txt").write_text("10\n")
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "project", cwd=path)
    monkeypatch.chdir(path)
    with job.opened(Request()) as ready:
        launched = running.run(ready)
    store = RunStore.open(start=path)
    run = store.get(launched.run_id)
    assert run.metrics["x"].last == 25
    return store, run


def test_identical(original: tuple[RunStore, Run]) -> None:
    """The same image by digest, the same numbers; whatever the Dockerfile says now."""
    store, run = original
    with open("Dockerfile", "a") as file:  # noqa: PTH123  short
        file.write("RUN echo 6 > /made\n")
    done = repeat_run(store, run)
    assert (done.verdict.level, done.runs[0].metrics["x"].last) == ("identical", 25)
    before, after = (store.environment(one.id)["container"] for one in (run, done.runs[0]))
    assert before["id"] == after["id"]
    assert done.runs[0].command[:2] == ("bash", "-c")


def test_image_is_gone(original: tuple[RunStore, Run], podman: Podman) -> None:
    """Not comparable: another image would prove nothing."""
    store, run = original
    identity = store.environment(run.id)["container"]["id"]
    podman.ask("rmi", "--force", identity)
    ready = preview(store, run)
    (why,) = ready.missing
    assert why.endswith(f"({identity[:19]}) is neither here nor in a registry")
    assert repeat_run(store, run).verdict.level == "not comparable"


def test_outside(original: tuple[RunStore, Run]) -> None:
    """`--env local` takes the environment as it is."""
    store, run = original
    ready = preview(store, run, env="local")
    assert (ready.container, ready.missing) == (None, ())


def test_script(original: tuple[RunStore, Run]) -> None:
    """The shell script names the image by its id."""
    store, run = original
    text = "\n".join(script_of(store, preview(store, run)))
    assert f"{store.environment(run.id)['container']['id']} \\" in text
    assert "--env=FACTOR=2" in text
    assert "${ENGINE:-docker} run --rm" in text


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"image": "--privileged"}, "not the name of an image"),
        ({"image": "x", "volumes": ["--privileged:/x"]}, "not a volume"),
        ({"image": "x", "variables": {"API_KEY": "[redacted]"}}, "held a secret"),
        ({"image": "x", "copied": ["NOT_SET"]}, "not set: NOT_SET"),
        ({"image": "x", "id": "--help", "digests": "x"}, "is neither here nor in a registry"),
    ],
)
def test_records_of_others(repo: Path, podman: Podman, record: dict[str, Any], why: str) -> None:
    """A record may say anything; nothing of it becomes an option."""
    del podman
    found = again(RunStore.open(start=repo), record, repo, None)
    assert why in str(found)


def test_arguments_are_not_taken(repo: Path, podman: Podman) -> None:
    """Options of the engine are the user's: those of a record are told, not used."""
    identity = podman.ask("image", "inspect", "--format={{.Id}}", IMAGE).strip()
    record = {"image": IMAGE, "id": f"sha256:{identity}", "arguments": ["--privileged"]}
    found = again(RunStore.open(start=repo), record, repo, None)
    assert isinstance(found, Box)
    assert found.arguments == ()
    assert os.fspath(repo) == str(found.directory)
