"""A real Dask scheduler and a worker on this machine."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.support.servers.base import HOST, Process


class Dask:
    """One scheduler, and one worker that runs two tasks at once."""

    name = "dask"

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self._file = Path()

    def missing(self) -> str | None:
        """Why it cannot be started here, None when it can."""
        return None if find_spec("distributed") else "dask is not installed: pip install 'gittrack[dask]'"

    def start(self, folder: Path) -> None:
        """Start it and wait until the worker is there."""
        self._file = folder / "scheduler.json"
        where = (f"--host={HOST}", f"--dashboard-address={HOST}:0", f"--scheduler-file={self._file}")
        ready = folder / "worker-ready"
        hook = folder / "ready.py"
        hook.write_text(f"def dask_setup(worker):\n    open({str(ready)!r}, 'w').close()\n")
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port=0", *where]
        self._processes.append(Process(scheduler, folder, HOME=str(folder)))
        self._processes[0].wait_until(lambda: self._file.exists() and self.address != "")
        worker = [
            *(sys.executable, "-m", "distributed.cli.dask_worker", *where, "--nthreads=2", "--no-nanny"),
            *(f"--local-directory={folder}", f"--preload={hook}", "--resources=GPU=1"),
        ]
        self._processes.append(Process(worker, folder, HOME=str(folder)))
        self._processes[1].wait_until(ready.exists)

    @property
    def address(self) -> str:
        """Of the scheduler, empty before it says so."""
        try:
            return str(json.loads(self._file.read_text())["address"])
        except ValueError:
            return ""

    def environment(self) -> dict[str, str]:
        """What its client needs to find it."""
        return {"DASK_SCHEDULER_ADDRESS": self.address}

    def stop(self) -> None:
        """End it."""
        for process in reversed(self._processes):
            process.kill()
