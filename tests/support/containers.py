"""Real containers for tests: podman with a store of its own on top of the image that `.ci/parts` makes.

Podman runs as root here, without a network of its own; the docker command, where there is one, speaks to it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.servers.base import PARTS, Process

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "localhost/python:3.11-slim"
RUN = "--network host --ulimit nofile=1024:1024 --ulimit nproc=1000:1000"
BUILD = "--isolation chroot"
_BASE = PARTS / "containers"
_ROOT = Path("/tmp/gittrack-tests")  # noqa: S108  short: the path of a socket has 108 bytes


class Podman:
    """A podman of a test run.

    Attributes:
        folder: of its store.
        words: its command.
    """

    def __init__(self) -> None:
        self.folder = _ROOT / uuid.uuid4().hex[:8]
        self.folder.mkdir(parents=True)
        self.words = [
            *("podman", "--root", str(self.folder / "root"), "--runroot", str(self.folder / "run")),
            *("--storage-driver", "overlay", "--storage-opt", f"additionalimagestore={_BASE}"),
            *("--cgroup-manager", "cgroupfs", "--runtime", "runc"),
        ]

    def ask(self, *words: str) -> str:
        """What one of its commands says."""
        done = subprocess.run([*self.words, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def running(self) -> list[str]:
        """The names of containers that are there, running or not."""
        return self.ask("ps", "--all", "--format={{.Names}}").split()

    def remove(self) -> None:
        """Remove its store, with what runs in it."""
        subprocess.run([*self.words, "rm", "--all", "--force", "--time=0"], capture_output=True, check=False)
        for mounted in ("root/overlay", "run"):
            subprocess.run(["umount", "--quiet", self.folder / mounted], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def require() -> None:
    """Skip the test where there is no podman with an image; fail where everything is required."""
    there = shutil.which("podman") and (_BASE / "overlay-images").is_dir() and os.geteuid() == 0
    if not there:
        reason = f"podman, root and the image in {_BASE} are needed: run .ci/parts"
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def podman_store() -> Iterator[Podman]:
    """A podman with an empty store on top of the base image, for the tests of one process."""
    require()
    podman = Podman()
    yield podman
    podman.remove()


@pytest.fixture
def podman(podman_store: Podman, monkeypatch: pytest.MonkeyPatch) -> Podman:
    """The same, and gittrack told to use it."""
    monkeypatch.setenv("GITTRACK_CONTAINERS_ENGINE", shlex.join(podman_store.words))
    monkeypatch.setenv("GITTRACK_CONTAINERS_RUN_OPTIONS", RUN)
    monkeypatch.setenv("GITTRACK_CONTAINERS_BUILD_OPTIONS", BUILD)
    return podman_store


@pytest.fixture
def docker(podman_store: Podman, monkeypatch: pytest.MonkeyPatch) -> Iterator[Podman]:
    """The docker command on that podman's socket."""
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command; podman is tested")
    socket = podman_store.folder / "api.sock"
    server = Process(
        [*podman_store.words, "system", "service", "--time=0", f"unix://{socket}"], podman_store.folder
    )
    server.wait_until(socket.exists)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    monkeypatch.setenv("GITTRACK_CONTAINERS_RUN_OPTIONS", f"{RUN} --init=false")
    yield podman_store
    server.kill()
    socket.unlink(missing_ok=True)
