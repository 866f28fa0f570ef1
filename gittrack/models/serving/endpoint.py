"""What predicts over HTTP, without the layers between it and the server: they take longer than a small model.

No stack trace and no path of this machine is in an answer. What MLflow answers with 500 because it did not
foresee it, such as a request without a content type, is a 4xx here.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.models.serving import answers, oip, payload
from gittrack.models.serving.values import BadRequest, Payload, Reply, refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from gittrack.models.serving.counts import Counts
    from gittrack.models.serving.engine import Engine
    from gittrack.models.serving.settings import Settings
    from gittrack.models.signature.specs import Schema

    Message = Mapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("gittrack.serve")


class Call(NamedTuple):
    """A request that was understood.

    Attributes:
        payload: for the model.
        render: the answer for what it predicts.
    """

    payload: Payload
    render: Callable[[Any], Reply]


class Speaks(Protocol):
    """A protocol of requests for predictions."""

    route: str
    """One of `counts.ROUTES`."""

    def parse(self, body: bytes, scope: Mapping[str, Any]) -> Call:
        """What a request asks for.

        Raises:
            BadRequest: it cannot be understood.
        """

    def failed(self, code: str, message: str) -> bytes:
        """The body of the answer to a request that failed."""


class Scoring:
    """MLflow's scoring protocol, which SageMaker and Vertex AI understand too."""

    route = "invocations"

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema

    def parse(self, body: bytes, scope: Mapping[str, Any]) -> Call:
        """See :class:`Speaks`."""
        kind = answers.wanted(header(scope, b"accept"))
        asked = payload.parse(body, header(scope, b"content-type") or "", self._schema)
        return Call(asked, lambda found: answers.answer(found, kind))

    def failed(self, code: str, message: str) -> bytes:
        """`{"error_code": …, "message": …}`."""
        return orjson.dumps({"error_code": code, "message": message})


class Inferring:
    """The Open Inference Protocol.

    Args:
        schema: the inputs of the model's signature.
        settings: say name and version of the model.
    """

    route = "infer"

    def __init__(self, schema: Schema | None, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings

    def parse(self, body: bytes, scope: Mapping[str, Any]) -> Call:
        """See :class:`Speaks`."""
        check_name(scope["path_params"], self._settings)
        asked = oip.parse(body, header(scope, oip.HEADER.encode()), self._schema)
        name, version = self._settings.name, self._settings.version
        return Call(asked.payload, lambda found: oip.answer(found, asked, name, version))

    def failed(self, code: str, message: str) -> bytes:  # noqa: ARG002  the protocol has no codes
        """`{"error": …}`."""
        return orjson.dumps({"error": message})


def check_name(path: Mapping[str, str], settings: Settings) -> None:
    """See that a path names the model that is served.

    Raises:
        BadRequest: it names another, with status 404.
    """
    if path.get("name", settings.name) != settings.name:
        refuse(f"there is no model {path['name'][:60]!r}: this server has {settings.name!r}", 404)
    if "version" in path and path["version"] != settings.version:
        refuse(f"there is no version {path['version'][:60]!r} of the model", 404)


def header(scope: Mapping[str, Any], name: bytes) -> str | None:
    """A header of a request, None where it has none; `name` is in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


class Within:
    """A block that has some seconds, then raises TimeoutError; `asyncio.wait_for` makes a task of each."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._handle = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def _expire(self) -> None:
        self._over = True
        if self._task is not None:
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._handle.cancel()
        if self._over and kind is asyncio.CancelledError:
            if sys.version_info >= (3, 11) and self._task is not None:
                self._task.uncancel()
            raise TimeoutError from error


class Endpoint:
    """Answers requests for predictions.

    Args:
        speaks: the protocol.
        engine: predicts.
        settings: limits.
        counts: of requests.
    """

    def __init__(self, speaks: Speaks, engine: Engine, settings: Settings, counts: Counts) -> None:
        self._speaks = speaks
        self._engine = engine
        self._limit = settings.body_limit
        self._timeout = settings.timeout
        self._counts = counts

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        self._counts.begin()
        status = 499
        try:
            reply = await self._reply(scope, receive)
            status = reply.status
            await _send(send, reply)
        finally:
            self._counts.end(self._speaks.route, status, time.perf_counter() - began)

    async def _reply(self, scope: Mapping[str, Any], receive: Receive) -> Reply:
        try:
            call = self._speaks.parse(await self._body(scope, receive), scope)
            with Within(self._timeout):
                found = await self._engine.predict(call.payload)
            return call.render(found)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the server goes on
            status, code, message = failure(error)
            return Reply(self._speaks.failed(code, message), status=status)

    async def _body(self, scope: Mapping[str, Any], receive: Receive) -> bytes:
        said = header(scope, b"content-length") or "0"
        size = int(said) if said.isdecimal() else 0
        try:
            with Within(self._timeout):
                return await self._read(receive, size)
        except TimeoutError:
            msg = "the body did not come in time"
            raise BadRequest(msg, 408, "DEADLINE_EXCEEDED") from None

    async def _read(self, receive: Receive, size: int) -> bytes:
        """The body. A somewhat too large one is read all the same: clients listen when they have sent it."""
        parts: list[bytes] = []
        while size <= 2 * self._limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                msg = "the client has gone"
                raise BadRequest(msg, 499)
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
            size = max(size, sum(map(len, parts))) if len(parts) % 64 == 0 else size
        body = b"".join(parts)
        if max(size, len(body)) > self._limit:
            msg = f"the body has more than {self._limit:,} bytes"
            raise BadRequest(msg, 413, "REQUEST_LIMIT_EXCEEDED")
        return body


async def _send(send: Send, reply: Reply) -> None:
    length = str(len(reply.body)).encode()
    head = [(b"content-type", reply.kind.encode()), (b"content-length", length), *reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": head})
    await send({"type": "http.response.body", "body": reply.body})


def failure(error: Exception) -> tuple[int, str, str]:
    """Status, code and message of the answer to a request that failed."""
    if isinstance(error, BadRequest):
        return error.status, error.code, error.message
    if isinstance(error, InvalidValue):
        return 400, "INVALID_PARAMETER_VALUE", error.message
    if isinstance(error, TimeoutError):
        return 504, "DEADLINE_EXCEEDED", "predicting took too long"
    if isinstance(error, GitTrackError):
        return 400, "BAD_REQUEST", error.message
    log.error("the model failed", exc_info=error)  # what it says may be about its inside
    return 400, "BAD_REQUEST", f"the model cannot predict for this: {type(error).__name__}"
