"""Sacred with its file observer: points stay in memory until the heartbeat.

Sacred calls the experiment's main function; here it runs in a thread that waits for `end`.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.observers import FileStorageObserver

run: Any = None
_thread: Any = None
_over: Any = None


def start(name: str) -> None:
    """Begin a run."""
    global run, _thread, _over  # noqa: PLW0603 # one active run, as the other tools have it
    started, over = threading.Event(), threading.Event()
    experiment = Experiment(name, save_git_info=False)
    experiment.observers.append(FileStorageObserver("sacred"))

    def body() -> None:
        started.set()
        over.wait()

    experiment.main(body)
    _thread = threading.Thread(target=experiment.run, daemon=True)
    _thread.start()
    started.wait()
    run, _over = experiment.current_run, over


def params(values: dict[str, Any]) -> None:
    """Log params."""
    run.config.update(values)


def log(key: str, value: float, step: int) -> None:
    """Log one point."""
    run.log_scalar(key, value, step)


def end() -> None:
    """End the run."""
    _over.set()
    _thread.join()


def stored() -> tuple[int, int]:
    """Runs, and points of `loss` in all of them."""
    points = 0
    for file in Path("sacred").glob("*/metrics.json"):
        points += len(json.loads(file.read_text() or "{}").get("loss", {}).get("values", []))
    return len(list(Path("sacred").glob("*/run.json"))), points
