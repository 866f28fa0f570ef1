"""Building and pushing small images; `test_served_image` has a whole one."""

from __future__ import annotations

import shlex
import shutil
import urllib.request
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.containers.failures import BuildFailed, NoEngine
from gittrack.models.images import pins
from gittrack.models.images.build import PushFailed, build, engines, push
from gittrack.models.images.context import Context

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.containers import Podman


def _silent(_text: str) -> None:
    pass


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A folder whose image has one file."""
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY trusted /\n")
    (folder / "trusted").write_text("x")
    return Context(folder, "small:1", "ab" * 32, {})


def test_podman_builds(podman: Podman, context: Context) -> None:
    """The image is there under its name, and its id is the engine's."""
    _, built = build(engines(), context, "localhost/small:1", _silent)
    assert podman.ask("image", "inspect", "--format={{.Id}}", "localhost/small:1").strip() in built.id


def test_docker_builds(docker: Podman, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does docker, where it is."""
    monkeypatch.setenv("GITTRACK_CONTAINERS_ENGINE", "docker")
    monkeypatch.setenv("GITTRACK_CONTAINERS_BUILD_OPTIONS", "")
    build(engines(), context, "localhost/by-docker:1", _silent)
    assert docker.ask("image", "exists", "localhost/by-docker:1") == ""


def test_buildah_builds(podman: Podman, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """And buildah, which has the same words."""
    words = ["buildah", *podman.words[1 : podman.words.index("--cgroup-manager")]]
    monkeypatch.setenv("GITTRACK_CONTAINERS_ENGINE", shlex.join(words))
    build(engines(), context, "localhost/by-buildah:1", _silent)
    assert podman.ask("image", "exists", "localhost/by-buildah:1") == ""


@pytest.mark.usefixtures("podman")
def test_a_registry_takes_it(context: Context, image_registry: str) -> None:
    """What was pushed has the digest that the registry says of its tag."""
    name = f"{image_registry}/small:1"
    engine, built = build(engines(), context, name, _silent)
    sent = push(engine, built, _silent)
    assert sent.digest is not None
    assert pins.digest_of(name) == sent.digest
    with urllib.request.urlopen(f"http://{image_registry}/v2/small/tags/list") as answer:
        assert b'"1"' in answer.read()


@pytest.mark.usefixtures("podman")
def test_a_registry_that_is_not_there(context: Context) -> None:
    """Says that it cannot be pushed."""
    engine, built = build(engines(), context, "127.0.0.1:1/small:1", _silent)
    with pytest.raises(PushFailed, match="cannot push"):
        push(engine, built, _silent)


@pytest.mark.usefixtures("podman")
def test_what_cannot_be_built(context: Context) -> None:
    """The last thing that the engine said is in the error."""
    (context.folder / "Dockerfile").write_text("FROM scratch\nCOPY missing /\n")
    with pytest.raises(BuildFailed, match="missing"):
        build(engines(), context, "localhost/none:1", _silent)


def test_an_engine_that_does_not_answer(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no daemon runs, that is said."""
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    monkeypatch.setenv("GITTRACK_CONTAINERS_ENGINE", "docker")
    able = [one for one in engines() if one.words == ("docker",)]
    with pytest.raises(NoEngine, match="does not answer"):
        build(able, context, "localhost/none:1", _silent)


def test_where_there_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder can be built elsewhere, says the hint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngine) as raised:
        engines()
    assert "-o DIR" in (raised.value.hint or "")


def test_buildah_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is neither docker nor podman."""
    buildah = shutil.which("buildah")
    assert buildah is not None
    (tmp_path / "buildah").symlink_to(buildah)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [one.words for one in engines()] == [("buildah",)]
