"""A served model answers as MLflow's server does, and whatever a client sends is answered."""

from __future__ import annotations

import json
import signal
import socket
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import gittrack
from gittrack.cli.main import invoke
from gittrack.models.serving.settings import Settings
from tests.support.model_server import Server, serving, wait_for
from tests.support.served import described

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.0, 1, 2], "b": [0.5, 0, 1]})
SPLIT = {"columns": ["a", "b"], "data": [[1, 0.5], [2, 3]]}
RECORDS = [{"a": 1, "b": 0.5}, {"a": 2, "b": 3}]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives a + b."""
    folder = tmp_path_factory.mktemp("served") / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITTRACK_TRUST_FILE", str(folder.parent / "trusted"))
        gittrack.save_model(
            LinearRegression().fit(TABLE, TABLE["a"] + TABLE["b"]), folder, input_example=TABLE
        )
    return folder


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[Server]:
    """It is served, with small limits."""
    with serving(model, "--body-limit", "1") as one:
        yield one


def rounded(document: Any) -> list[float]:
    """The predictions of an answer."""
    return [round(value, 6) for value in document["predictions"]]


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": SPLIT},
        {"dataframe_split": {**SPLIT, "index": [7, 8]}},
        {"dataframe_records": RECORDS},
        {"dataframe_records": [RECORDS[0], {"b": 3, "a": 2}]},
        {"inputs": {"a": [1, 2], "b": [0.5, 3]}},
        {"inputs": RECORDS},
        {"instances": RECORDS},
        {"dataframe_split": {"columns": ["b", "a", "c"], "data": [[0.5, 1, 9], [3, 2, 9]]}, "params": {}},
    ],
)
def test_forms(server: Server, document: Any) -> None:
    """Each form of input is understood."""
    found = server.predict(document)
    assert (found.status, found.kind, rounded(found.json)) == (200, "application/json", [1.5, 5.0])


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=utf-8", "Text/CSV;charset=UTF-8"])
def test_csv(server: Server, kind: str) -> None:
    """A table as text."""
    assert rounded(server.ask(body=b"a,b\n1,0.5\n2,3\n", kind=kind).json) == [1.5, 5.0]


@pytest.mark.parametrize(
    ("body", "kind", "status", "message"),
    [
        (b"{", "application/json", 400, "not JSON"),
        (b"[]", "application/json", 400, "no JSON object"),
        (b"{}", "application/json", 400, "exactly one of"),
        (b'{"inputs": [], "instances": []}', "application/json", 400, "exactly one of"),
        (b'{"columns": ["a"], "data": [[1]]}', "application/json", 400, "exactly one of"),
        (b'{"inputs": [], "params": 1}', "application/json", 400, "params is no JSON object"),
        (b'{"dataframe_split": []}', "application/json", 400, "dataframe_split is an object"),
        (b'{"dataframe_split": {"data": 1}}', "application/json", 400, "data and columns are lists"),
        (b'{"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}', "application/json", 400, "no table"),
        (b'{"dataframe_records": [1]}', "application/json", 400, "list of objects"),
        (b'{"instances": 1}', "application/json", 400, "instances is a list"),
        (b'{"dataframe_split": {"columns": ["a"], "data": [[1]]}}', "application/json", 400, "'b'"),
        (b'{"dataframe_records": [{"a": "x", "b": 1}]}', "application/json", 400, "column 'a'"),
        (b"a,b\n1,2,3\n4\n", "text/csv", 400, ""),
        (b"PAR1", "application/vnd.apache.parquet", None, "Parquet"),
        (b"x", "text/plain", 415, "content type is text/plain"),
        (b"x", None, 415, "content type is"),
        (b"{}", "application/json; charset=latin-1", 415, "only UTF-8"),
        (b"{}", "application/json; format=pandas-split", 415, "unknown parameter"),
        (b"x" * 1_100_000, "application/json", 413, "more than 1,048,576 bytes"),
    ],
)
def test_bad_requests(
    server: Server, body: bytes, kind: str | None, status: int | None, message: str
) -> None:
    """Each is answered with what is wrong, without a trace or a path."""
    found = server.ask(body=body, kind=kind)
    assert found.status == status or (status is None and found.status in {400, 415})
    assert message in found.json["message"]
    assert b"Traceback" not in found.body
    assert b"site-packages" not in found.body


def test_probes(server: Server) -> None:
    """What load balancers and people ask."""
    for path in ("/ping", "/health"):
        assert (server.ask(path).status, server.ask(path).body) == (200, b"\n")
    assert server.ask("/version").body.decode() == version("gittrack")
    assert server.ask("/invocations").status == 405
    assert server.ask("/nothing").status == 404
    described = server.ask("/openapi.json").json
    assert {"/invocations", "/ping", "/metrics"} <= described["paths"].keys()
    server.predict({"dataframe_split": SPLIT})
    assert b'gittrack_requests_total{route="invocations",status="200"}' in server.ask("/metrics").body


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    st.sampled_from(["application/json", "text/csv", "x"]),
)
@settings(max_examples=60)
def test_whatever_is_sent_is_answered(server: Server, body: bytes, kind: str) -> None:
    """And the server goes on."""
    assert 200 <= server.ask(body=body, kind=kind).status < 500


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["dataframe_split", "dataframe_records", "inputs", "instances"]), _json, st.booleans())
@settings(max_examples=100)
def test_any_json_is_answered(server: Server, form: str, value: Any, split: bool) -> None:  # noqa: FBT001  hypothesis
    """A wrong value is the client's mistake."""
    document = {form: {"columns": ["a", "b"], "data": value} if split else value}
    assert 200 <= server.predict(document).status < 500


def test_many_at_once(server: Server) -> None:
    """What is predicted together comes back to whom it belongs; one wrong request fails alone."""
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        value = "x" if number % 10 == 0 else number
        found[number] = server.predict({"dataframe_split": {"columns": ["a", "b"], "data": [[value, 0.0]]}})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answer in found.items():
        assert answer.status == (400 if number % 10 == 0 else 200)
        assert number % 10 == 0 or rounded(answer.json) == [float(number)]


def test_other_routes(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They answer besides the usual ones, in several processes too."""
    monkeypatch.setenv("AIP_PREDICT_ROUTE", "/v1/predict")
    monkeypatch.setenv("AIP_HEALTH_ROUTE", "/up")
    with serving(model, "--workers", "2") as server:
        body = json.dumps({"dataframe_split": SPLIT}).encode()
        assert rounded(server.ask("/v1/predict", body).json) == [1.5, 5.0]
        assert (server.ask("/up").status, server.predict({"dataframe_split": SPLIT}).status) == (200, 200)
        text = server.ask("/metrics").body.decode()
    assert 'gittrack_requests_total{route="invocations",status="200"} 2' in text


_SLOW = """import pathlib
import time


class Model:
    def predict(self, data, params=None):
        until = time.monotonic() + 60
        while not pathlib.Path(GO).exists() and time.monotonic() < until:
            time.sleep(0.01)
        return [1] * len(data)


def _load_pyfunc(path):
    return Model()
"""


def test_a_request_in_flight_is_answered_at_the_end(tmp_path: Path) -> None:
    """SIGTERM stops the server once it has answered what has come."""
    go = tmp_path / "go"
    folder = described(tmp_path / "slow", None, Settings(), _SLOW.replace("GO", repr(str(go)))).folder
    found: list[int] = []
    with serving(folder, "--trust") as server:
        thread = threading.Thread(target=lambda: found.append(server.predict({"inputs": [1]}).status))
        thread.start()
        wait_for(lambda: b"gittrack_requests_in_flight 1" in server.ask("/metrics").body)
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not server.listens())
        go.touch()
        thread.join(60)
    assert found == [200]


def test_a_port_that_is_taken(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is told before the model is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert invoke(["model", "serve", str(model), "--port", str(port)]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_no_model(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is missing where no variable names one either."""
    for name in ("GITTRACK_SERVE_MODEL", "AZUREML_MODEL_DIR", "AIP_STORAGE_URI"):
        monkeypatch.delenv(name, raising=False)
    assert invoke(["model", "serve"]) == 2
    assert "MODEL" in capsys.readouterr().err


def test_a_model_that_is_not_trusted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is not served."""
    folder = tmp_path / "pickled"
    estimator = LinearRegression().fit(TABLE, TABLE["a"])
    gittrack.save_model(estimator, folder, serialization_format="pickle")
    from gittrack.models.trust import trust_file

    trust_file().unlink()
    assert invoke(["model", "serve", str(folder), "--port", "0"]) == 1
    assert "the model is not trusted" in capsys.readouterr().err
