"""Images, on a real podman."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.launch.containers import images
from gittrack.launch.containers.engine import Engine
from gittrack.launch.containers.failures import BuildFailed, ContainerFailed, NoImage
from tests.support.containers import BUILD, IMAGE, Podman

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(podman: Podman) -> Engine:
    """The podman of the tests."""
    return Engine("podman", tuple(podman.words), (), tuple(BUILD.split()))


def quiet(_text: str) -> None:
    """Nobody listens."""


def test_here(engine: Engine) -> None:
    """What is here is not pulled; it has an id and a system."""
    found, image = images.had([engine], IMAGE, quiet)
    assert found is engine
    assert (image.name, len(image.id), image.system.partition("/")[0]) == (IMAGE, 71, "linux")
    assert image.digests[0].startswith("localhost/python@sha256:")


def test_not_to_be_had(engine: Engine) -> None:
    """A name that no registry has, at an address where nobody listens."""
    said: list[str] = []
    with pytest.raises(
        NoImage, match=r"127\.0\.0\.1:1/none:1 is not here and podman cannot pull it"
    ) as caught:
        images.had([engine], "127.0.0.1:1/none:1", said.append)
    assert "network" in str(caught.value.hint)
    assert said[0] == "pulling 127.0.0.1:1/none:1"


def test_built(engine: Engine, tmp_path: Path) -> None:
    """From a Dockerfile; the same files give the same image, which has a name of its own."""
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY x /x\n")
    (tmp_path / "x").write_text("1")
    said: list[str] = []
    first = images.built(engine, tmp_path, "Dockerfile", "gittrack/test", said.append)
    assert first.dockerfile == (
        "Dockerfile",
        hashlib.sha256((tmp_path / "Dockerfile").read_bytes()).hexdigest(),
    )
    assert any("COPY x /x" in line for line in said)
    assert images.built(engine, tmp_path, "Dockerfile", "gittrack/test", quiet).id == first.id
    assert images.look([engine], first.name)[1] is not None
    assert first.to_record()["dockerfile"]["path"] == "Dockerfile"


def test_cannot_be_built(engine: Engine, tmp_path: Path) -> None:
    """The last lines say why."""
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo oh no >&2; exit 3\n")
    with pytest.raises(BuildFailed, match=r"podman cannot build Dockerfile: .*exit status 3"):
        images.built(engine, tmp_path, "Dockerfile", "gittrack/test", quiet)


@pytest.mark.parametrize("name", ["gone", "../outside", "--file", "/etc/passwd"])
def test_no_dockerfile(engine: Engine, tmp_path: Path, name: str) -> None:
    """It is a file of the project."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside").write_text(f"FROM {IMAGE}\n")
    with pytest.raises(InvalidValue, match="no such Dockerfile"):
        images.built(engine, project, name, "gittrack/test", quiet)


def test_with_code(engine: Engine, podman: Podman, tmp_path: Path) -> None:
    """The project is in the image, its Git directory is not."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "x").write_text("1")
    image = images.with_code(engine, IMAGE, tmp_path, "gittrack/test", quiet)
    assert image.code
    with_files = podman.ask(
        "run",
        "--rm",
        "--network=host",
        "--ulimit=nproc=1000:1000",
        "--ulimit=nofile=1024:1024",
        image.id,
        "ls",
        "-A",
    )
    assert with_files.split() == ["x"]


def test_by_digest(engine: Engine) -> None:
    """The id, a digest, or nothing: never another image."""
    image = images.had([engine], IMAGE, quiet)[1]
    assert images.by_digest(engine, image.id, (), None) is not None
    assert images.by_digest(engine, "sha256:" + "0" * 64, image.digests, None) is not None
    assert images.by_digest(engine, "sha256:" + "0" * 64, (), None) is None
    gone = "127.0.0.1:1/none@sha256:" + "0" * 64
    assert images.by_digest(engine, "sha256:" + "0" * 64, (gone,), quiet) is None
    assert images.by_digest(engine, IMAGE, ("--privileged", IMAGE), quiet) is None


def test_odd_answer(tmp_path: Path) -> None:
    """A program that is no engine."""
    (tmp_path / "odd").write_text("#!/bin/sh\necho '[{\"Id\": 3}]'\n")
    (tmp_path / "odd").chmod(0o755)
    with pytest.raises(ContainerFailed, match="is not understood"):
        images.look([Engine("docker", (str(tmp_path / "odd"),))], "x")
