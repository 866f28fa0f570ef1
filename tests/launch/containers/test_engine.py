"""Which engine is used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gittrack.core.config import Config
from gittrack.launch.containers.engine import Engine, candidates, silent
from gittrack.launch.containers.failures import NoEngine
from gittrack.launch.containers.images import look
from tests.support.containers import IMAGE, Podman

if TYPE_CHECKING:
    from pathlib import Path


def config(**environ: str) -> Config:
    """A configuration from variables alone."""
    return Config.load(None, environ, dict)


def program(folder: Path, name: str, script: str = "") -> str:
    """A program that does what the script says; gives a PATH with it alone."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(folder)


def test_both(tmp_path: Path) -> None:
    """Docker is asked first, then podman."""
    program(tmp_path, "docker")
    path = program(tmp_path, "podman")
    found = candidates(config(GITTRACK_CONTAINERS_RUN_OPTIONS="--network host"), {"PATH": path})
    assert [(one.kind, one.words, one.run_options) for one in found] == [
        ("docker", ("docker",), ("--network", "host")),
        ("podman", ("podman",), ("--network", "host")),
    ]


def test_neither(tmp_path: Path) -> None:
    """It is said, with what to do."""
    with pytest.raises(NoEngine, match="neither docker nor podman") as caught:
        candidates(config(), {"PATH": str(tmp_path)})
    assert "--env local" in str(caught.value.hint)


def test_setting(tmp_path: Path) -> None:
    """A command with options of its own; a name that is not there is said."""
    path = program(tmp_path, "podman-remote")
    found = candidates(config(GITTRACK_CONTAINERS_ENGINE="podman-remote --url 'a b'"), {"PATH": path})
    assert [(one.kind, one.words) for one in found] == [("podman", ("podman-remote", "--url", "a b"))]
    with pytest.raises(NoEngine, match="no nerdctl"):
        candidates(config(GITTRACK_CONTAINERS_ENGINE="nerdctl"), {"PATH": path})
    with pytest.raises(NoEngine, match="cannot be split into words"):
        candidates(config(GITTRACK_CONTAINERS_ENGINE="podman '"), {"PATH": path})


def test_not_from_the_repository(repo: Path) -> None:
    """`gittrack.yaml` comes with the code and names no program."""
    (repo / "gittrack.yaml").write_text("containers:\n  engine: ./evil\n")
    found = Config.load(repo, {}, dict)
    with pytest.warns(UserWarning, match=r"containers.engine is not read from here, use `git config`"):
        assert found.get("experiment") == "default"
    assert found.get("containers.engine") is None
    assert any("not read from here" in problem for problem in found.problems())


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "not running"),
        ("permission denied while trying to connect to the Docker daemon socket", "no rights on its socket"),
    ],
)
def test_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, why: str) -> None:
    """A daemon that does not run, a socket that one may not use."""
    path = program(tmp_path, "docker", f"echo '{says}' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(NoEngine, match=why):
        look([Engine("docker", ("docker",))], "x")


def test_the_next_one_answers(tmp_path: Path, podman: Podman, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker without its daemon, and podman."""
    path = program(tmp_path, "docker", "echo 'Is the docker daemon running?' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    engine, image = look([Engine("docker", ("docker",)), Engine("podman", tuple(podman.words))], IMAGE)
    assert engine.kind == "podman"
    assert image is not None


def test_cannot_be_started() -> None:
    """A program that is gone."""
    with pytest.raises(NoEngine, match="cannot be started"):
        Engine("docker", ("/nowhere/docker",)).ask("info")


def test_version(podman: Podman) -> None:
    """Name and number."""
    assert Engine("podman", tuple(podman.words)).version().startswith("podman 4")


def test_all_are_named() -> None:
    """Each engine with its own reason."""
    error = silent(
        [
            (Engine("docker", ("docker",)), "dial unix /x: permission denied"),
            (Engine("podman", ("podman",)), "odd"),
        ]
    )
    assert (
        str(error) == "docker does not answer: you have no rights on its socket; podman does not answer: odd"
    )
