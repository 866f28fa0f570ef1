"""What MLflow's scoring server answers; run by a Python that has MLflow, see `tests/support/real_mlflow.py`.

One JSON object a line: `model`, `kind` (the content type) and `body` in; `status` and `body` out.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from functools import cache
from typing import Any

MODEL = '''"""A model that says what it was given."""

import json

import numpy as np


def _plain(value):
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return None if value is None or value != value else value if isinstance(value, str) else repr(value)


def told(data):
    if hasattr(data, "columns"):
        return {str(name): [str(data[name].dtype), _plain(list(data[name]))] for name in data.columns}
    if isinstance(data, np.ndarray):
        return ["array", str(data.dtype), list(data.shape), _plain(data.ravel())]
    if isinstance(data, dict):
        return {name: told(value) for name, value in data.items()}
    return ["plain", _plain(data)]


class Model:
    def predict(self, data, params=None):
        return [json.dumps(told(data), sort_keys=True), json.dumps(params or {}, sort_keys=True)]


def _load_pyfunc(path):
    return Model()
'''


def ask(
    app: Any, path: str, body: bytes, headers: list[tuple[bytes, bytes]], method: str = "POST"
) -> dict[str, Any]:
    """What an ASGI application answers: status, headers, body."""
    found: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found.update(status=message["status"], headers=dict(message["headers"]))
        else:
            found["body"] += message.get("body", b"")

    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1"}
    scope |= {"method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": ""}
    scope |= {"scheme": "http", "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    asyncio.run(app(scope, receive, send))
    return found


@cache
def application(folder: str) -> Any:
    """MLflow's server of a model."""
    from mlflow.pyfunc import load_model
    from mlflow.pyfunc.scoring_server import init

    return init(load_model(folder))


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What MLflow's server answers to a request; 500 where it raises."""
    headers = [(b"content-type", question["kind"].encode())] if question["kind"] is not None else []
    try:
        body = question["body"].encode("utf-8", "surrogateescape")
        found = ask(application(question["model"]), "/invocations", body, headers)
    except Exception as error:  # noqa: BLE001  what it does not foresee
        return {"status": 500, "body": repr(error)}
    return {"status": found["status"], "body": found["body"].decode(errors="replace")}


def main() -> None:
    """Answer until there are no more questions."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
