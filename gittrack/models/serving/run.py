"""The server: one process, or several that share the port."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.text import dump_json, load_json
from gittrack.models.flavors.files import library
from gittrack.models.saved import load_folder
from gittrack.models.serving.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_VARIABLE = "GITTRACK_SERVE"  # how worker processes, which uvicorn starts, are told


def serve(folder: Path, settings: Settings, *, trust: bool = False) -> None:
    """Serve a model until the process is told to end (SIGTERM, SIGINT).

    Args:
        folder: of the model.
        settings: how.
        trust: whether code that came with the model may run.

    Raises:
        NotTrusted, MissingLibrary, MalformedFile: the model cannot be loaded; nothing was served.
        OSError: the port is taken.
    """
    for name in ("fastapi", "uvicorn"):
        library(name, "gittrack[serve]")
    import uvicorn

    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_level": "warning",
        "access_log": False,
        "timeout_graceful_shutdown": round(settings.grace),
        "server_header": False,
    }
    if settings.workers == 1:
        from gittrack.models.serving.app import build

        uvicorn.run(build(load_folder(folder, trust=trust), settings), **options)
        return
    load_folder(folder, trust=trust)  # what is wrong with the model is said here, and once
    told = {"folder": str(folder), "settings": settings.__dict__}
    os.environ[_VARIABLE] = dump_json(told).decode()
    uvicorn.run(f"{__name__}:worker", factory=True, workers=settings.workers, **options)


def worker() -> FastAPI:
    """The application of a worker process."""
    from gittrack.models.serving.app import build

    told = load_json(os.environ[_VARIABLE])
    return build(load_folder(Path(told["folder"]), trust=True), Settings(**told["settings"]))
