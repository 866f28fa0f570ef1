"""The application: its routes, and what needs no prediction."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Route

from gittrack.models.digest import model_digest
from gittrack.models.serving import oip
from gittrack.models.serving.counts import Counts
from gittrack.models.serving.endpoint import Endpoint, Inferring, Scoring, check_name
from gittrack.models.serving.engine import Engine
from gittrack.models.serving.openapi import description
from gittrack.models.serving.values import BadRequest, own_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from starlette.requests import Request

    from gittrack.models.loaded import LoadedModel
    from gittrack.models.serving.settings import Settings

_MODEL = "/v2/models/{name}"


def build(model: LoadedModel, settings: Settings, folder: Path) -> FastAPI:
    """The application of a model.

    Args:
        model: that predicts.
        settings: routes, limits, its name.
        folder: of the model.
    """
    counts = Counts(Path(settings.counts) if settings.counts else None)
    engine = Engine(model, settings.batch, counts.batch)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(engine.close)

    app = _App(title=settings.name, lifespan=lifespan, redoc_url=None)
    app.description_of = description(model, settings)
    schema = model.signature.inputs if model.signature is not None else None
    scoring = Endpoint(Scoring(schema), engine, settings, counts)
    inferring = Endpoint(Inferring(schema, settings), engine, settings, counts)
    for path in settings.predict_routes:
        app.router.routes.append(Route(path, scoring, methods=["POST"]))
    for path in (f"{_MODEL}/infer", f"{_MODEL}/versions/{{version}}/infer"):
        app.router.routes.append(Route(path, inferring, methods=["POST"]))
    about = About(model, settings, counts, folder)
    for path, endpoint in about.routes():
        app.router.routes.append(Route(path, endpoint, methods=["GET"]))
    return app


class _App(FastAPI):
    """Describes itself by a document of ours: the routes are plain functions, of which it knows nothing."""

    description_of: dict[str, Any]

    def openapi(self) -> dict[str, Any]:
        """What `/openapi.json` answers and `/docs` shows."""
        return self.description_of


class About:
    """What a server says of itself and its model.

    Args:
        model: that is served.
        settings: how.
        counts: of requests.
        folder: of the model.
    """

    def __init__(self, model: LoadedModel, settings: Settings, counts: Counts, folder: Path) -> None:
        self._model = model
        self._settings = settings
        self._counts = counts
        self._folder = folder
        self._labels: dict[str, str] | None = None

    def routes(self) -> Iterable[tuple[str, Callable[[Request], Awaitable[Response]]]]:
        """Paths, and what answers there."""
        alive = Response(b"" if self._settings.empty_ping else b"\n", media_type="application/json")
        for path in self._settings.health_routes:
            yield path, _always(alive)
        yield "/version", _always(Response(own_version(), media_type="text/plain"))
        yield "/metrics", self.metrics
        yield "/v2/health/live", _always(_json({"live": True}))
        yield "/v2/health/ready", _always(_json({"ready": True}))
        yield "/v2", _always(_json(self.server()))
        for path in (_MODEL, f"{_MODEL}/versions/{{version}}"):
            yield path, self._named(self.metadata())
            yield f"{path}/ready", self._named({"name": self._settings.name, "ready": True})

    async def metrics(self, _: Request) -> Response:
        """Counts and durations of requests, for Prometheus."""
        if self._labels is None:
            self._labels = await asyncio.to_thread(self._info)
        return Response(self._counts.text(self._labels), media_type="text/plain; version=0.0.4")

    def server(self) -> dict[str, Any]:
        """`GET /v2`."""
        return {"name": "gittrack", "version": own_version(), "extensions": ["binary_tensor_data"]}

    def metadata(self) -> dict[str, Any]:
        """`GET /v2/models/NAME`: the signature as tensors."""
        signature = self._model.signature
        inputs, outputs = (signature.inputs, signature.outputs) if signature is not None else (None, None)
        return {
            "name": self._settings.name,
            "versions": [self._settings.version] if self._settings.version is not None else [],
            "platform": self._model.flavor,
            "inputs": [told for _, told, _ in oip.specs_of(inputs, "input")],
            "outputs": [told for _, told, _ in oip.specs_of(outputs, "output")],
        }

    def _info(self) -> dict[str, str]:
        """Labels that say which model it is; its files are read for the digest."""
        said = {"name": self._settings.name, "version": self._settings.version or ""}
        run = self._model.mlmodel.run_id or ""
        return {**said, "flavor": self._model.flavor, "run_id": run, "digest": model_digest(self._folder)}

    def _named(self, document: dict[str, Any]) -> Callable[[Request], Awaitable[Response]]:
        """Answers where the path names this model, and 404 where it names another."""
        there = _json(document)

        async def answer(request: Request) -> Response:
            try:
                check_name(request.path_params, self._settings)
            except BadRequest as error:
                return _json({"error": error.message}, error.status)
            return there

        return answer


def _always(response: Response) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return response

    return answer


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
