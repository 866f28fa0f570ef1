"""A whole image of a scikit-learn model, built, run and asked; one test, as building takes its time."""

from __future__ import annotations

import contextlib
import json
import os
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sklearn.linear_model import LinearRegression

from gittrack.cli.main import invoke
from gittrack.models.digest import model_digest
from gittrack.models.saved import save_model
from tests.support.containers import BUILD, RUN
from tests.support.model_server import Server
from tests.support.servers.base import free_port

if TYPE_CHECKING:
    import pytest

    from tests.support.containers import Podman

_CERTIFICATES = os.environ.get("SSL_CERT_FILE")  # where a network has an authority of its own


def _uv_image(podman: Podman, folder: Path) -> str:
    """An image with uv, as its authors publish one; no registry of theirs is needed."""
    from uv import find_uv_bin

    folder.mkdir()
    (folder / "uv").write_bytes(Path(find_uv_bin()).read_bytes())
    (folder / "uv").chmod(0o755)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY uv /uv\n")
    podman.ask("build", "--isolation=chroot", "--tag=localhost/uv:1", str(folder))
    return "localhost/uv:1"


def test_an_image_answers(
    podman: Podman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Built from the lock, it scores over HTTP as a user without rights, on files nobody can write."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 5.0]})
    fitted = LinearRegression().fit(table, [1.0, 3.0, 5.0])
    save_model(fitted, tmp_path / "clf", input_example=table)
    certificates = (
        f" --volume {_CERTIFICATES}:/ca.pem:ro --env SSL_CERT_FILE=/ca.pem" if _CERTIFICATES else ""
    )
    monkeypatch.setenv("GITTRACK_CONTAINERS_BUILD_OPTIONS", f"{BUILD} --format docker{certificates}")
    uv = _uv_image(podman, tmp_path / "uv")
    words = ["model", "image", "clf", "--base", "localhost/python:3.11-slim", "--uv-image", uv, "--build"]
    assert invoke([*words, "--tag", "localhost/clf:1", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["model_digest"] == model_digest(tmp_path / "clf")
    assert made["folder"] is None

    port = free_port()
    run = ("run", "--detach", "--name=clf", "--read-only", *RUN.split(), f"--env=PORT={port}")
    podman.ask(*run, "localhost/clf:1")
    server = Server(port)
    _wait(server, podman)
    said = server.predict({"dataframe_split": {"columns": ["a", "b"], "data": [[3.0, 2.0], [0.5, 0.0]]}})
    asked = pd.DataFrame({"a": [3.0, 0.5], "b": [2.0, 0.0]})
    assert said.json["predictions"] == [float(f"{one}") for one in fitted.predict(asked)]
    assert podman.ask("exec", "clf", "id", "-u").strip() == "10001"
    assert podman.ask("healthcheck", "run", "clf") == ""
    podman.ask("stop", "--time=30", "clf")
    assert podman.ask("inspect", "--format={{.State.ExitCode}}", "clf").strip() == "0"
    labels = json.loads(podman.ask("inspect", "--type=image", "localhost/clf:1"))[0]["Labels"]
    assert labels["dev.gittrack.model-digest"] == f"sha256:{made['model_digest']}"


def _wait(server: Server, podman: Podman) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if server.ask("/ping").status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise AssertionError(podman.ask("logs", "clf"))
