"""A real Ray cluster of one node on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import secrets
import shutil
import sys
import tempfile
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import psutil

from tests.support.servers.base import HOST, Process, free_port

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex()
TOKEN = os.environ.setdefault("RAY_AUTH_TOKEN", hashlib.sha256(_RUN.encode()).hexdigest())
"""The same in all processes of one test run."""
os.environ["RAY_AUTH_MODE"] = (
    "token"  # Ray reads both when it is imported; some of its ports are open to the network
)


class Ray:
    """A head node with two processors, and its dashboard, which takes jobs."""

    name = "ray"

    def __init__(self) -> None:
        self._process: Process | None = None
        self._files = Path()
        self.address = ""

    def missing(self) -> str | None:
        """Why it cannot be started here, None when it can."""
        return None if find_spec("ray") else "ray is not installed: pip install 'gittrack[ray]'"

    def start(self, folder: Path) -> None:
        """Start it and wait until it takes jobs."""
        port = free_port()
        self.address = f"http://{HOST}:{port}"
        self._files = Path(tempfile.mkdtemp(prefix="ray-"))  # names of sockets have to be short
        ports = {
            f"--{name}": str(free_port())
            for name in (
                *("port", "ray-client-server-port", "node-manager-port", "object-manager-port"),
                *("dashboard-agent-listen-port", "dashboard-agent-grpc-port", "runtime-env-agent-port"),
                "metrics-export-port",
            )
        }
        first = random.SystemRandom().randrange(23_000, 31_000)  # not among those that `free_port` gives
        words = [
            *(
                sys.executable,
                "-m",
                "ray.scripts.scripts",
                "start",
                "--head",
                "--block",
                "--disable-usage-stats",
            ),
            *(f"--node-ip-address={HOST}", f"--dashboard-host={HOST}", f"--dashboard-port={port}"),
            *("--num-cpus=2", "--object-store-memory=80000000", f"--temp-dir={self._files}"),
            *(f"{name}={value}" for name, value in ports.items()),
            *(f"--min-worker-port={first}", f"--max-worker-port={first + 500}"),
        ]
        variables = {name: value for name, value in self.environment().items() if name != "RAY_ADDRESS"}
        # a loaded machine takes longer than the 30 seconds that it gives itself
        self._process = Process(
            words, folder, HOME=str(folder), RAY_raylet_start_wait_time_s="120", **variables
        )
        self._process.wait_until(lambda: self._started(folder) and self._answers())

    def _started(self, folder: Path) -> bool:
        return any("Ray runtime started" in log.read_text(errors="replace") for log in folder.glob("*.log"))

    def _answers(self) -> bool:
        request = urllib.request.Request(f"{self.address}/api/jobs/")  # noqa: S310  of this machine
        request.add_header("Authorization", f"Bearer {TOKEN}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  the same
                return bool(answer.status == 200)
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        """What its client needs to find it."""
        return {"RAY_ADDRESS": self.address, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}

    def stop(self) -> None:
        """End it with all of its processes."""
        if self._process is not None:
            head = psutil.Process(self._process._process.pid)
            family = [head, *head.children(recursive=True)]
            head.terminate()  # it ends the others, and cleans up
            for one in psutil.wait_procs(family, timeout=20)[1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            self._process.kill()
        shutil.rmtree(self._files, ignore_errors=True)
