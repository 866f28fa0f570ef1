"""How a model is served; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Settings:
    """How a model is served.

    Attributes:
        host: to listen on.
        port: to listen on, 0 for any free one.
        workers: processes.
        batch: rows at most that are predicted together, see `engine.Engine`.
        body_limit: bytes of a request at most.
        timeout: seconds after which a request is given up.
        grace: seconds that requests have to end when the server stops.
        predict_route: besides `/invocations`.
        health_route: besides `/ping` and `/health`.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    batch: int | None = None
    body_limit: int = 64 << 20
    timeout: float = 60.0
    grace: float = 25.0
    predict_route: str | None = None
    health_route: str | None = None


def from_environment(environ: Mapping[str, str]) -> dict[str, str | int]:
    """What clouds say by variables: port and routes of Vertex AI, the port of SageMaker and Azure ML.

    `AIP_HTTP_PORT`, `AIP_PREDICT_ROUTE`, `AIP_HEALTH_ROUTE`
    (cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements),
    `SAGEMAKER_BIND_TO_PORT` (docs.aws.amazon.com), else `PORT`.

    Raises:
        InvalidValue: a port is no number.
    """
    found: dict[str, str | int] = {}
    for name in ("AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT", "PORT"):
        if text := environ.get(name):
            if not text.isdecimal():
                msg = f"{name} is no port: {text[:20]!r}"
                raise InvalidValue(msg, hint="a number from 0 to 65535")
            found["port"] = int(text)
            break
    for key, name in (("predict_route", "AIP_PREDICT_ROUTE"), ("health_route", "AIP_HEALTH_ROUTE")):
        if text := environ.get(name):
            found[key] = text if text.startswith("/") else f"/{text}"
    return found
