"""A registry of images on this machine, and podman told to trust it without TLS."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.servers.base import Process, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAM = "docker-registry"
_CONFIG = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}
http:
  addr: "127.0.0.1:{port}"
"""


@pytest.fixture
def image_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its host and port."""
    if shutil.which(_PROGRAM) is None:
        reason = f"{_PROGRAM} is needed: run .ci/parts"
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
    folder, port = tmp_path / "registry", free_port()
    folder.mkdir()
    (folder / "config.yml").write_text(_CONFIG.format(folder=folder, port=port))
    trusted = folder / "registries.conf"
    trusted.write_text(f'[[registry]]\nlocation = "127.0.0.1:{port}"\ninsecure = true\n')
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(trusted))
    server = Process([_PROGRAM, "serve", folder / "config.yml"], folder)
    server.wait_until(lambda: _answers(port))
    yield f"127.0.0.1:{port}"
    server.kill()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False
