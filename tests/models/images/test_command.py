"""`gittrack model image` where something is built and pushed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli import model_image
from gittrack.cli.main import invoke
from gittrack.models.images.context import Context
from tests.support.models import made

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def test_it_says_what_is_not_pinned(
    store: RunStore, repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A registry that does not answer is no reason to stop, and is told."""
    run = made(store, repo)
    words = [
        "model",
        "image",
        f"runs:/{run.id}/clf",
        "-o",
        str(tmp_path / "a"),
        "--uv-image",
        "localhost/uv:1",
    ]
    assert invoke([*words, "--base", "127.0.0.1:1/python:3"]) == 0
    assert "note: 127.0.0.1:1/python:3 is not pinned" in capsys.readouterr().err


@pytest.mark.usefixtures("podman")
def test_it_pushes_what_it_built(
    tmp_path: Path, image_registry: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--push` prints the name with the digest that the registry has."""
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    context = Context(folder, f"{image_registry}/small:2", "ab" * 32, {})
    monkeypatch.setattr(model_image, "_written", lambda *_: context)
    assert invoke(["model", "image", "any", "--push"]) == 0
    assert capsys.readouterr().out.startswith(f"{image_registry}/small:2@sha256:")
    assert invoke(["model", "image", "any", "--push", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image"]["digest"].startswith("sha256:")
