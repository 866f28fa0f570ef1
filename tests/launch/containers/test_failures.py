"""Messages of engines, as they are."""

from __future__ import annotations

import pytest

from gittrack.launch.containers.failures import last_lines, no_build, no_pull, unreachable


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
            "daemon is not running",
        ),
        ('Error: unable to connect to Podman socket: Get "http://d/": dial unix /x', "daemon is not running"),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            "no rights",
        ),
    ],
)
def test_unreachable(said: str, why: str) -> None:
    """Why an engine does not answer."""
    assert why in str(unreachable(said))


def test_an_answer() -> None:
    """An engine that says no has answered."""
    assert unreachable("Error: nope: image not known") is None


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("dial tcp: lookup registry-1.docker.io: no such host", "network"),
        ("Error: manifest unknown", "name and tag"),
        ("something else", "`docker pull x` says more"),
    ],
)
def test_no_pull(said: str, hint: str) -> None:
    """Each has its advice."""
    error = no_pull("docker", "x", said)
    assert str(error) == f"image x is not here and docker cannot pull it: {said}"
    assert hint in str(error.hint)


def test_no_build() -> None:
    """The last lines are in the message, without colours and secrets."""
    error = no_build("podman", "Dockerfile", "one\ntwo\n\x1b[31mthree\x1b[0m\n\nfour ghp_" + "a" * 36 + "\n")
    assert str(error).startswith("podman cannot build Dockerfile: two | three | four ")
    assert "a" * 36 not in str(error)
    assert last_lines("") == "it does not say why"
    assert len(last_lines("x" * 10_000)) == 600
