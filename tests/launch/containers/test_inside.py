"""What is in an image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.containers.engine import Engine
from gittrack.launch.containers.images import Image, built, had
from gittrack.launch.containers.inside import Inside, look
from tests.support.containers import BUILD, IMAGE, RUN, Podman

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(podman: Podman) -> Engine:
    """The podman of the tests."""
    return Engine("podman", tuple(podman.words), tuple(RUN.split()), tuple(BUILD.split()))


def test_python(engine: Engine, tmp_path: Path) -> None:
    """Shell, Python and its packages, credentials left out; asked once."""
    package = "demo_package-1.5.dist-info"
    (tmp_path / "Dockerfile").write_text(
        f"FROM {IMAGE}\nCOPY {package} /usr/lib/python3/dist-packages/{package}\n"
    )
    (tmp_path / package).mkdir()
    (tmp_path / package / "METADATA").write_text("Metadata-Version: 2.1\nName: Demo_Package\nVersion: 1.5\n")
    (tmp_path / package / "direct_url.json").write_text('{"url": "https://me:secret@example.org/x.whl"}')
    image = built(engine, tmp_path, "Dockerfile", "gittrack/test", print)
    found = look(engine, image, tmp_path / "kept")
    assert found.shell == "bash"
    assert found.document["packages"] == {"demo-package": "1.5"}
    assert found.document["direct_urls"] == {"demo-package": "https://example.org/x.whl"}
    assert found.document["python"]["implementation"] == "CPython"
    assert look(Engine("podman", ("/nowhere",)), image, tmp_path / "kept") == found


def test_nothing(engine: Engine, tmp_path: Path) -> None:
    """An image without a shell says nothing, and nothing is kept."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY x /x\n")
    (tmp_path / "x").write_text("1")
    image = built(engine, tmp_path, "Dockerfile", "gittrack/empty", print)
    assert look(engine, image, tmp_path / "kept") == Inside()
    assert not (tmp_path / "kept").exists()


def test_what_an_image_says_is_checked(tmp_path: Path) -> None:
    """It may say anything."""
    said = {"shell": "rm -rf /", "packages": {"ok": "1", "a b": "1", "c": "\x1b[31m", "d": 3}, "python": "x"}
    (tmp_path / f"{'0' * 64}.json").write_text(json.dumps(said))
    found = look(Engine("docker", ("/nowhere",)), Image("x", "sha256:" + "0" * 64), tmp_path)
    assert found == Inside("", {"packages": {"ok": "1"}})


def test_base(engine: Engine, tmp_path: Path) -> None:
    """One without packages has a Python all the same."""
    found = look(engine, had([engine], IMAGE, print)[1], tmp_path)
    assert set(found.document) == {"python"}
