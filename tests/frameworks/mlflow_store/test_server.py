"""MLflow's own server over a repository, on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gittrack

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 120.0  # seconds for a start on a busy machine


class Server:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Status and answer of a REST call; POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  our own server
            f"{self.url}/api/2.0/mlflow/{path}", data, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  the same
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture
def server(folder: Path, children: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    """A server of one worker on a free port; it ends with the test."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    uri = f"gittrack:{folder}"
    words = ["-m", "mlflow", "server", "--backend-store-uri", uri, "--artifacts-destination", uri]
    words += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    log = tmp_path / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *words],
            env=children,
            cwd=tmp_path,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            _wait(f"http://127.0.0.1:{port}", process, log)
            yield Server(f"http://127.0.0.1:{port}")
        finally:
            import os
            import signal

            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310  the same
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def test_rest(server: Server, folder: Path, tmp_path: Path) -> None:
    """What R, Java and curl do: an experiment, a run, params, metrics, a search, an artifact, an error."""
    _, made = server.call("experiments/create", {"name": "rest"})
    run = server.call(
        "runs/create", {"experiment_id": made["experiment_id"], "start_time": 1000, "run_name": "by hand"}
    )[1]["run"]
    run_id = run["info"]["run_id"]
    assert server.call("runs/log-parameter", {"run_id": run_id, "key": "lr", "value": "0.1"})[0] == 200
    for step in range(3):
        point = {"run_id": run_id, "key": "loss", "value": 3.0 - step, "timestamp": 1000 + step, "step": step}
        assert server.call("runs/log-metric", point)[0] == 200
    history = server.call(f"metrics/get-history?run_id={run_id}&metric_key=loss")[1]["metrics"]
    assert [one["value"] for one in history] == [3.0, 2.0, 1.0]
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 2000})
    search = {"experiment_ids": [made["experiment_id"]], "filter": "metrics.loss < 2 and params.lr = '0.1'"}
    found = server.call("runs/search", search)[1]["runs"]
    assert [one["info"]["run_id"] for one in found] == [run_id]
    status, error = server.call("runs/get?run_id=nothing")
    assert (status, error["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    ours = gittrack.get_run(run_id, repo=folder)
    assert (ours.name, ours.status, ours.metrics["loss"].last) == ("by hand", "finished", 1.0)
    _client(server, run_id, tmp_path)


def _client(server: Server, run_id: str, tmp_path: Path) -> None:
    """The Python client over HTTP, with artifacts through the server."""
    import mlflow

    client = mlflow.MlflowClient(server.url, server.url)
    client.log_text(run_id, "hello", "notes/a.txt")
    assert [one.path for one in client.list_artifacts(run_id, "notes")] == ["notes/a.txt"]
    assert Path(client.download_artifacts(run_id, "notes/a.txt", str(tmp_path))).read_text() == "hello"
    with urllib.request.urlopen(f"{server.url}/", timeout=60) as page:  # noqa: S310  the same
        assert b"MLflow" in page.read()
