"""Limits, answers to what fails, and what SageMaker and Vertex AI ask for."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from gittrack.models.serving.settings import Settings
from tests.support.mlflow_scoring import ask
from tests.support.served import Described, described

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.5, 1.5]})
_CODE = """
import threading

release = threading.Event()


class Model:
    def predict(self, data, params=None):
        value = data["a"].iloc[0]
        if value == 1:
            raise RuntimeError("secret of /home/somebody")
        if value == 2:
            raise SystemExit(3)
        if value == 3:
            raise StopIteration
        if value == 4:
            release.wait(60)
        if value == 5:
            return [object()]
        return data.assign(twice=data["a"] * 2)


def _load_pyfunc(path):
    return Model()
"""
JSON = [(b"content-type", b"application/json")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Described:
    """A model that fails on demand, with small limits."""
    limits = Settings(body_limit=1000, timeout=30, empty_ping=True, name="echo", predict_route="/score")
    return described(tmp_path_factory.mktemp("limits") / "failing", TABLE, limits, _CODE)


@pytest.fixture
def impatient(tmp_path: Path) -> Described:
    """The same model, with little time for each request."""
    return described(tmp_path / "slow", TABLE, Settings(timeout=0.2, name="echo"), _CODE)


def invoked(
    server: Described, value: float, *headers: tuple[bytes, bytes], path: str = "/invocations"
) -> Any:
    """The answer to one row."""
    return ask(server.app, path, json.dumps({"instances": [{"a": value}]}).encode(), [*JSON, *headers])


@pytest.mark.parametrize(("value", "kind"), [(1, "RuntimeError"), (2, "RuntimeError"), (3, "RuntimeError")])
def test_a_model_that_fails(server: Described, value: int, kind: str) -> None:
    """Is a refusal without what it said; the server goes on."""
    found = invoked(server, value)
    message = json.loads(found["body"])["message"]
    assert (found["status"], message) == (400, f"the model cannot predict for this: {kind}")
    assert invoked(server, 0)["status"] == 200


def test_a_model_that_takes_too_long(impatient: Described) -> None:
    """Is given up with 504, and those behind it are answered once it is done."""
    assert invoked(impatient, 4)["status"] == 504
    sys.modules["loader_slow"].release.set()
    until = time.monotonic() + 60
    while invoked(impatient, 0)["status"] != 200:
        assert time.monotonic() < until


def test_predictions_that_json_cannot_say(server: Described) -> None:
    """Are the model's mistake."""
    assert invoked(server, 5)["status"] == 500


def test_answers_by_accept(server: Described) -> None:
    """JSON unless CSV or JSON lines are wanted."""
    body = {"predictions": [{"a": 7.0, "twice": 14.0}]}
    for accept in (b"*/*", b"text/html", b"application/json;q=0.9, text/csv"):
        assert json.loads(invoked(server, 7, (b"accept", accept))["body"]) == body
    assert invoked(server, 7, (b"accept", b"text/csv"))["body"] == b"a,twice\n7.0,14.0\n"
    lines = invoked(server, 7, (b"accept", b"application/jsonlines"))
    assert json.loads(lines["body"]) == body["predictions"][0]
    assert lines["headers"][b"content-type"] == b"application/jsonlines"


def test_json_lines(server: Described) -> None:
    """SageMaker's other content type."""
    kind = [(b"content-type", b"application/jsonlines")]
    found = ask(server.app, "/score", b'{"a": 7}\n{"a": 8}\n', kind)
    assert [row["twice"] for row in json.loads(found["body"])["predictions"]] == [14, 16]
    assert ask(server.app, "/score", b'{"a": 7}\n{', kind)["status"] == 400


def test_parameters_of_vertex(server: Described) -> None:
    """They are params, of which this model knows none."""
    body = json.dumps({"instances": [{"a": 7}], "parameters": 1}).encode()
    assert "params is no JSON object" in json.loads(ask(server.app, "/score", body, JSON)["body"])["message"]


def test_an_empty_ping(server: Described) -> None:
    """As SageMaker wants it."""
    found = ask(server.app, "/ping", b"", [], "GET")
    assert (found["status"], found["body"]) == (200, b"")


@pytest.mark.parametrize("said", [None, b"1500", b"5000", b"x"])
def test_a_body_that_is_too_large(server: Described, said: bytes | None) -> None:
    """Is refused, whatever its length is said to be."""
    headers = JSON if said is None else [*JSON, (b"content-length", said)]
    assert ask(server.app, "/invocations", b"x" * 1500, headers)["status"] == 413


def test_a_client_that_goes_or_stops(impatient: Described) -> None:
    """Holds nothing up: one that sends no end is told so in time."""
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def silent() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/invocations", "headers": JSON}
    for receive in (gone, silent):
        asyncio.run(impatient.app({**scope, "root_path": "", "query_string": b""}, receive, send))
    assert statuses == [499, 408]


def test_metrics(server: Described) -> None:
    """They name the model and count by status."""
    invoked(server, 0)
    text = ask(server.app, "/metrics", b"", [], "GET")["body"].decode()
    assert 'gittrack_model_info{name="echo",version="",flavor="python_function",run_id="",digest="' in text
    assert 'gittrack_requests_total{route="invocations",status="200"}' in text


def test_the_description(server: Described) -> None:
    """Every route of the application is in it."""
    document = json.loads(ask(server.app, "/openapi.json", b"", [], "GET")["body"])
    routes = {str(getattr(route, "path", "")) for route in server.app.routes}
    own = {path for path in routes if "docs" not in path and "openapi" not in path and "version}" not in path}
    assert own == set(document["paths"])
    assert ask(server.app, "/docs", b"", [], "GET")["status"] == 200
