"""Trackio: a queue and SQLite, in TRACKIO_DIR."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import trackio

run: Any = None


def start(name: str) -> None:
    """Begin a run."""
    global run  # noqa: PLW0603 # one active run, as the other tools have it
    run = trackio.init(project="bench", name=name, embed=False)


def params(values: dict[str, Any]) -> None:
    """Log params."""
    trackio.config.update(values)


def log(key: str, value: float, step: int) -> None:
    """Log one point."""
    trackio.log({key: value}, step=step)


def end() -> None:
    """End the run."""
    trackio.finish()


def stored() -> tuple[int, int]:
    """Runs, and points in all of them, as SQLite has them."""
    for file in Path("trackio").glob("*.db"):
        with sqlite3.connect(file) as database:
            row = database.execute("select count(distinct run_name), count(*) from metrics").fetchone()
            return row[0], row[1]
    return 0, 0
