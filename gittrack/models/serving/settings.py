"""How a model is served; values only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTAINER = "/opt/ml/model"
_VERSION = re.compile(r"models:/(?P<name>[^/@]+)/(?P<version>\d+)")
_REGISTERED = re.compile(r"models:/(?P<name>[^/@]+)(?:[@/].*)?")


@dataclass(frozen=True)
class Settings:
    """How a model is served.

    Attributes:
        host: to listen on.
        port: to listen on, 0 for any free one.
        workers: processes.
        batch: rows at most that are predicted together, see `engine.Engine`.
        body_limit: bytes of a request at most.
        timeout: seconds after which a request is given up, reading and predicting each.
        grace: seconds that requests have to end when the server stops.
        predict_route: besides `/invocations`.
        health_route: besides `/ping` and `/health`.
        name: of the model, in the paths of the Open Inference Protocol.
        version: of it, None without any.
        empty_ping: whether probes are answered with nothing, as for SageMaker, or with MLflow's newline.
        counts: the folder in which several workers keep their counts.
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
    name: str = "model"
    version: str | None = None
    empty_ping: bool = False
    counts: str | None = None

    @property
    def predict_routes(self) -> list[str]:
        """Where predictions are asked for in MLflow's protocol."""
        return _distinct("/invocations", self.predict_route)

    @property
    def health_routes(self) -> list[str]:
        """Where probes ask."""
        return _distinct("/ping", "/health", self.health_route)


def from_environment(environ: Mapping[str, str]) -> dict[str, str | int | bool]:
    """What clouds say by variables.

    The port is `GITTRACK_SERVE_PORT`, else Vertex AI's `AIP_HTTP_PORT`, SageMaker's
    `SAGEMAKER_BIND_TO_PORT`, `PORT`; routes are `GITTRACK_SERVE_PREDICT_ROUTE` and
    `GITTRACK_SERVE_HEALTH_ROUTE`, else Vertex AI's `AIP_PREDICT_ROUTE` and `AIP_HEALTH_ROUTE`
    (cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements,
    docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html).
    Azure ML has the routes in the description of the deployment instead.

    Raises:
        InvalidValue: a port is no number, or a route is none.
    """
    found: dict[str, str | int | bool] = {}
    for name in ("GITTRACK_SERVE_PORT", "AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT", "PORT"):
        if text := environ.get(name):
            found["port"] = _port(name, text)
            break
    for key in ("predict_route", "health_route"):
        for name in (f"GITTRACK_SERVE_{key.upper()}", f"AIP_{key.upper()}"):
            if text := environ.get(name):
                found[key] = _route(name, text)
                break
    if environ.get("SAGEMAKER_BIND_TO_PORT"):
        found["empty_ping"] = True
    return found


def model_from_environment(environ: Mapping[str, str]) -> str | None:
    """The model that a container is to serve, None where nothing says it.

    `GITTRACK_SERVE_MODEL`, else Azure ML's `AZUREML_MODEL_DIR`, Vertex AI's `AIP_STORAGE_URI`, and
    SageMaker's `/opt/ml/model` where it is there. A folder without `MLmodel` stands for the one model in it.
    """
    for name in ("GITTRACK_SERVE_MODEL", "AZUREML_MODEL_DIR", "AIP_STORAGE_URI"):
        if text := environ.get(name):
            return _only_model(text)
    return _only_model(_CONTAINER) if Path(_CONTAINER).is_dir() else None


def named(model: str, given: str | None = None) -> tuple[str, str | None]:
    """Name and version that a model goes by: as given, those of the registry, else the name of its folder.

    Args:
        model: as it was named: a folder or a URL.
        given: `NAME` or `NAME/VERSION`.
    """
    if given:
        name, _, version = given.partition("/")
        return name, version or None
    exact, some = _VERSION.fullmatch(model), _REGISTERED.fullmatch(model)
    if exact:
        return exact["name"], exact["version"]
    last = some["name"] if some else model.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "-", last, flags=re.ASCII).strip("-.") or "model", None


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004  TCP's last
        msg = f"{name} is no port: {text[:20]!r}"
        raise InvalidValue(msg, hint="a number from 0 to 65535")
    return int(text)


def _route(name: str, text: str) -> str:
    route = text if text.startswith("/") else f"/{text}"
    if not re.fullmatch(r"[\w./:~-]+", route, re.ASCII):
        msg = f"{name} is no path: {text[:40]!r}"
        raise InvalidValue(msg, hint="such as /v1/predict")
    return route


def _only_model(folder: str) -> str:
    path = Path(folder)
    if path.is_dir() and not (path / FILE).exists():
        inner = [one.parent for one in sorted(path.glob(f"*/{FILE}"))]
        if len(inner) == 1:
            return str(inner[0])
    return folder


def _distinct(*given: str | None) -> list[str]:
    return list(dict.fromkeys(path for path in given if path))
