"""The job of a live run: what an engine was handed, and what names it there.

While the file is there, the run is the engine's: no silence makes it dead, only the engine's word does
(`launch.backends.watching`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE = "job.json"


def put_job(directory: Path, job: Mapping[str, Any]) -> None:
    """Say that the run of a live directory has a job.

    Raises:
        FileNotFoundError: there is no such directory any more.
    """
    write_atomic(directory / _FILE, dump_json(dict(job)))


def job_of(directory: Path) -> dict[str, Any] | None:
    """The job of the run, None where it has none or the file says nothing."""
    with suppress(OSError, ValueError):
        found = load_json((directory / _FILE).read_bytes())
        return found if isinstance(found, dict) else None
    return None


def has_job(directory: Path) -> bool:
    """Whether an engine has a job of the run."""
    return (directory / _FILE).exists()
