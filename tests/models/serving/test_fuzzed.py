"""A served model under whatever clients send: schemathesis by our own OpenAPI description, and raw bytes."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import gittrack
from tests.support.model_server import Server, serving
from tests.support.servers.base import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAM = PARTS / "schemathesis" / "bin" / "st"
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,unsupported_method"
)
TABLE = pd.DataFrame({"a": [0.0, 1, 2], "n": [1, 2, 3]})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A model of two columns, its name and version said."""
    folder = tmp_path_factory.mktemp("fuzzed") / "sum"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITTRACK_TRUST_FILE", str(folder.parent / "trusted"))
        estimator = LinearRegression().fit(TABLE, TABLE["a"] + TABLE["n"])
        gittrack.save_model(estimator, folder, input_example=TABLE)
    with serving(folder, "--name", "sum/2") as one:
        yield one


def test_by_its_description(server: Server, tmp_path: Path) -> None:
    """No answer is a 5xx, and each is what the description says."""
    if not _PROGRAM.exists():
        reason = f"no {_PROGRAM}: .ci/parts installs it"
        if os.environ.get("GITTRACK_TEST_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    words = [str(_PROGRAM), "run", url, "--checks", _CHECKS, "--max-examples", "8"]
    # one worker: CPython 3.11 counts the depth of its parser for all threads together, and complains at times
    words += ["--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-color"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    done = subprocess.run(words, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /v2/models/%ff%00/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /v2/models/../../etc/passwd HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 60000\r\n\r\n" + b"[" * 60_000,
    ],
)
def test_raw_bytes(server: Server, raw: bytes) -> None:
    """Are refused without a trace, and the next request is answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 5" not in answer[:12]
    assert b"Traceback" not in answer
    assert b"site-packages" not in answer
    assert server.predict({"dataframe_records": [{"a": 1, "n": 2}]}).status == 200
