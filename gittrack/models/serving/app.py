"""The application: routes, limits, answers. No stack trace and no path of this machine is in an answer.

Errors are `{"error_code": …, "message": …}` as MLflow's, with its status codes; what MLflow answers with
500 because it did not foresee it, such as a request without a content type, is a 4xx here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Route

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.models.serving.answers import answer
from gittrack.models.serving.counts import Counts
from gittrack.models.serving.engine import Engine
from gittrack.models.serving.payload import FORMS, TYPES, parse
from gittrack.models.serving.values import BadRequest
from gittrack.models.signature.text import schema_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from gittrack.models.loaded import LoadedModel
    from gittrack.models.serving.settings import Settings

    Message = Mapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("gittrack.serve")
_JSON = [(b"content-type", b"application/json")]


def build(model: LoadedModel, settings: Settings) -> FastAPI:
    """The application of a model."""
    engine = Engine(model, settings.batch)
    counts = Counts()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(engine.close)

    app = FastAPI(title="gittrack model", version=version("gittrack"), lifespan=lifespan, redoc_url=None)
    invocations = Invocations(engine, settings, counts)
    for path in _paths("/invocations", settings.predict_route):
        app.router.routes.append(Route(path, invocations, methods=["POST"]))
    for path in _paths("/ping", "/health", settings.health_route):
        app.add_api_route(path, _alive, methods=["GET"], include_in_schema=True)
    app.add_api_route("/version", _version, methods=["GET"])

    async def metrics() -> Response:
        """Counts and durations of requests, for Prometheus."""
        return Response(counts.text(engine.waiting), media_type="text/plain; version=0.0.4")

    app.add_api_route("/metrics", metrics, methods=["GET"])
    app.openapi_schema = _described(app, model)
    return app


class Invocations:
    """`POST /invocations`, without the layers between it and the server: they take longer than a small model.

    Args:
        engine: predicts.
        settings: limits.
        counts: of requests.
    """

    def __init__(self, engine: Engine, settings: Settings, counts: Counts) -> None:
        self._engine = engine
        self._limit = settings.body_limit
        self._timeout = settings.timeout
        self._counts = counts
        signature = engine.model.signature
        self._schema = signature.inputs if signature is not None else None

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        try:
            body = await self._body(receive)
            payload = parse(body, _content_type(scope), self._schema)
            found = await asyncio.wait_for(self._engine.predict(payload), self._timeout)
            status, content = 200, answer(found)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the server goes on
            status, content = failure(error)
        self._counts.add(status, time.perf_counter() - began)
        head = [*_JSON, (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": content})

    async def _body(self, receive: Receive) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                msg = "the client has gone"
                raise BadRequest(msg, 499)
            part = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                msg = f"the body has more than {self._limit:,} bytes"
                raise BadRequest(msg, 413, "REQUEST_LIMIT_EXCEEDED")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


def failure(error: Exception) -> tuple[int, bytes]:
    """Status and body of the answer to a request that failed."""
    if isinstance(error, BadRequest):
        status, code, message = error.status, error.code, error.message
    elif isinstance(error, InvalidValue):
        status, code, message = 400, "INVALID_PARAMETER_VALUE", error.message
    elif isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        status, code, message = 504, "DEADLINE_EXCEEDED", "predicting took too long"
    elif isinstance(error, GitTrackError):
        status, code, message = 400, "BAD_REQUEST", error.message
    else:  # of the model or its library: what it says may be about its inside
        log.error("the model failed", exc_info=error)
        status, code = 400, "BAD_REQUEST"
        message = f"the model cannot predict for this: {type(error).__name__}"
    return status, orjson.dumps({"error_code": code, "message": message})


async def _alive() -> Response:
    """Whether the server answers."""
    return Response(b"\n", media_type="application/json")


async def _version() -> Response:
    """The version of gittrack."""
    return Response(version("gittrack"), media_type="text/plain")


def _content_type(scope: Mapping[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1"))
    return ""


def _paths(*given: str | None) -> list[str]:
    return list(dict.fromkeys(path for path in given if path))


def _described(app: FastAPI, model: LoadedModel) -> dict[str, Any]:
    """The OpenAPI document, with `/invocations` and the model's signature."""
    document = app.openapi()
    signature = model.signature
    inputs = schema_to(signature.inputs) if signature is not None and signature.inputs is not None else None
    forms = {name: {"description": f"see MLflow's scoring protocol; inputs: {inputs}"} for name in FORMS}
    body = {"type": "object", "properties": {**forms, "params": {"type": "object"}}}
    content = {TYPES[0]: {"schema": body}, TYPES[1]: {"schema": {"type": "string"}}}
    answers = {"200": {"description": "predictions"}} | {
        status: {"description": text}
        for status, text in {
            "400": "not understood",
            "413": "too large",
            "415": "unknown content type",
        }.items()
    }
    document["paths"]["/invocations"] = {
        "post": {
            "summary": "Predict",
            "requestBody": {"content": content, "required": True},
            "responses": answers,
        }
    }
    return document
