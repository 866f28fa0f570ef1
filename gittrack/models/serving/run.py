"""The server: one process, or several that share the port."""

from __future__ import annotations

import contextlib
import inspect
import os
import socket
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.text import dump_json, load_json
from gittrack.models.flavors.files import library
from gittrack.models.saved import load_folder
from gittrack.models.serving.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

_VARIABLE = "GITTRACK_SERVE"  # how worker processes, which uvicorn starts, are told
_BACKLOG = 2048
_PATIENCE = 120  # seconds


class CannotListen(GitTrackError):
    """The port is taken, or may not be used."""


def serve(
    folder: Path,
    settings: Settings,
    *,
    trust: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve a model until the process is told to end (SIGTERM, SIGINT); requests that have come are answered.

    Args:
        folder: of the model.
        settings: how.
        trust: whether code that came with the model may run.
        say: called with the address once the model is loaded and the port is ours.

    Raises:
        NotTrusted, MissingLibrary, MalformedFile: the model cannot be loaded; nothing was served.
        CannotListen: the port is taken.
    """
    for name in ("fastapi", "uvicorn"):
        library(name, "gittrack[serve]")
    import uvicorn

    with _listening(settings) as listener, _shared(settings) as told:
        model = load_folder(folder, trust=trust)  # several workers too: what is wrong is said here, and once
        say(f"http://{settings.host}:{listener.getsockname()[1]}")
        if settings.workers == 1:
            from gittrack.models.serving.app import build

            uvicorn.Server(_config(build(model, told, folder), told)).run([listener])
            return
        del model
        os.environ[_VARIABLE] = dump_json({"folder": str(folder), "settings": asdict(told)}).decode()
        _supervise(_config(f"{__name__}:worker", told, factory=True, workers=settings.workers), listener)


def worker() -> FastAPI:
    """The application of a worker process."""
    from gittrack.models.serving.app import build

    told = load_json(os.environ[_VARIABLE])
    folder = Path(told["folder"])
    return build(load_folder(folder, trust=True), Settings(**told["settings"]), folder)


def _supervise(config: Any, listener: socket.socket) -> None:  # noqa: ANN401  uvicorn's
    """Keep as many workers as are wanted until the process is told to end."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    make: Any = Multiprocess  # uvicorn before 0.54 wanted to be told what its processes do
    target = {"target": uvicorn.Server(config).run} if "target" in inspect.signature(make).parameters else {}
    make(config, sockets=[listener], **target).run()


def _config(app: FastAPI | str, settings: Settings, **more: Any) -> Any:  # noqa: ANN401  uvicorn's
    import uvicorn

    if "timeout_worker_healthcheck" in inspect.signature(uvicorn.Config).parameters:
        more["timeout_worker_healthcheck"] = _PATIENCE  # uvicorn kills a worker that starts for 5 s
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=round(settings.grace),
        server_header=False,
        backlog=_BACKLOG,
        **more,
    )


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket on the port, so that a port that is taken is known before a model is loaded."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    with listener:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            msg = f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}"
            raise CannotListen(msg, hint="name another with --port, 0 for any free one") from error
        listener.listen(_BACKLOG)
        listener.set_inheritable(True)
        yield listener


@contextlib.contextmanager
def _shared(settings: Settings) -> Iterator[Settings]:
    """The settings, with a folder for the counts of several workers."""
    if settings.workers == 1:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="gittrack-serve-", ignore_cleanup_errors=True) as folder:
        yield replace(settings, counts=folder)
