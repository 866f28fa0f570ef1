"""A small server with those routes of the Kubernetes API that a Job needs; its pods are processes here.

Routes and shapes are those of https://kubernetes.io/docs/reference/kubernetes-api/. It is no cluster: how one
behaves, it cannot show.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.servers.base import HOST

if TYPE_CHECKING:
    from pathlib import Path

_JOBS = re.compile(r"/apis/batch/v1/namespaces/([\w-]+)/jobs(?:/([\w-]+)(/status)?)?")
_PODS = re.compile(r"/api/v1/namespaces/([\w-]+)/pods(?:/([\w-]+)/log)?")


class Cluster:
    """Takes Jobs and runs the command of their first container.

    Attributes:
        jobs: the manifests that came, by name.
        refusal: what it says to the next Job, None to take it.
        waits: why the pods of Jobs wait, None to run them.
    """

    def __init__(self, folder: Path) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.refusal: str | None = None
        self.waits: str | None = None
        self._folder = folder
        self._pods: dict[str, subprocess.Popen[bytes]] = {}
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def kubeconfig(self) -> Path:
        """A configuration that names it, with a namespace."""
        path = self._folder / "kubeconfig"
        port = self._server.server_address[1]
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "c", "cluster": {"server": f"http://{HOST}:{port}"}}],
                    "users": [{"name": "u", "user": {"token": "t"}}],
                    "contexts": [
                        {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}
                    ],
                    "current-context": "here",
                }
            )
        )
        return path

    def stop(self) -> None:
        """End it and its pods."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for pod in self._pods.values():
            pod.kill()
            pod.wait()

    def create(self, namespace: str, job: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take a Job."""
        if self.refusal is not None:
            return 422, {"kind": "Status", "message": self.refusal, "reason": "Invalid", "code": 422}
        name = job["metadata"]["name"]
        self.jobs[name] = job
        if self.waits is None:
            container = job["spec"]["template"]["spec"]["containers"][0]
            env = {one["name"]: one["value"].replace("$$(", "$(") for one in container["env"]}
            with (self._folder / name).open("wb") as log:
                self._pods[name] = subprocess.Popen(
                    container["command"],
                    env={**os.environ, **env},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self._folder,
                )
        return 201, self._shown(namespace, name)

    def delete(self, name: str) -> tuple[int, dict[str, Any]]:
        """Delete a Job with its pod."""
        if name not in self.jobs:
            return self._missing(name)
        del self.jobs[name]
        pod = self._pods.pop(name, None)
        if pod is not None:
            pod.terminate()
            pod.wait()
        return 200, {"kind": "Status", "status": "Success"}

    def read(self, namespace: str, name: str) -> tuple[int, dict[str, Any]]:
        """A Job as it is."""
        return (200, self._shown(namespace, name)) if name in self.jobs else self._missing(name)

    def pods(self, selector: str) -> dict[str, Any]:
        """The pods of a Job."""
        name = selector.rpartition("=")[2]
        items = [self._pod(name)] if name in self.jobs else []
        return {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}

    def log(self, name: str) -> str:
        """What a pod printed."""
        return (self._folder / name.removesuffix("-x")).read_text()

    def _missing(self, name: str) -> tuple[int, dict[str, Any]]:
        return 404, {"kind": "Status", "message": f'jobs "{name}" not found', "code": 404}

    def _code(self, name: str) -> int | None:
        return self._pods[name].poll() if name in self._pods else None

    def _shown(self, namespace: str, name: str) -> dict[str, Any]:
        code, conditions = self._code(name), []
        if code is not None:
            kind, reason = ("Complete", None) if code == 0 else ("Failed", "BackoffLimitExceeded")
            conditions = [{"type": kind, "status": "True", "reason": reason, "message": "has failed"}]
        job = self.jobs[name]
        return {
            **job,
            "metadata": {**job["metadata"], "namespace": namespace},
            "status": {"conditions": conditions},
        }

    def _pod(self, name: str) -> dict[str, Any]:
        code = self._code(name)
        state: dict[str, Any] = {"running": {}}
        if code is not None:
            exit_code = code if code >= 0 else 128 - code
            state = {"terminated": {"exitCode": exit_code, "reason": "Error" if code else "Completed"}}
        if self.waits is not None:
            state = {"waiting": {"reason": self.waits, "message": "cannot be had"}}
        container = {"name": "gittrack", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
        return {
            "metadata": {"name": f"{name}-x", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "status": {
                "phase": "Pending" if self.waits else "Running",
                "containerStatuses": [{**container, "state": state}],
            },
        }

    def answer(self, method: str, target: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | str]:
        """What it says to a request."""
        path, _, query = target.partition("?")
        jobs, pods = _JOBS.fullmatch(path), _PODS.fullmatch(path)
        if pods is not None:
            return 200, self.log(pods[2]) if pods[2] else self.pods(query.replace("%3D", "="))
        assert jobs is not None, path
        if method == "POST":
            return self.create(jobs[1], body)
        return self.delete(jobs[2]) if method == "DELETE" else self.read(jobs[1], jobs[2])


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, body = cluster.answer(self.command, self.path, json.loads(sent or "{}"))
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815  their names say what they answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler
