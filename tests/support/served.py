"""A served model in this process, without a port."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.models.mlmodel import FILE, MLModel, write
from gittrack.models.saved import load_folder
from gittrack.models.serving.app import build
from gittrack.models.signature.infer import infer_signature
from tests.support.mlflow_scoring import ask

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from gittrack.models.serving.settings import Settings

ECHO = """class Model:
    def predict(self, data, params=None):
        return data


def _load_pyfunc(path):
    return Model()
"""


class Described(NamedTuple):
    """An application of a model in a folder."""

    app: FastAPI
    folder: Path

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        found = ask(self.app, path, b"", [], "GET")
        assert found["status"] == 200, found
        return json.loads(found["body"])

    def infer(self, document: Any, status: int = 200) -> Any:
        """The JSON of an inference."""
        found = ask(self.app, "/v2/models/echo/infer", json.dumps(document).encode(), [])
        assert found["status"] == status, found
        return json.loads(found["body"])


def described(folder: Path, example: Any, settings: Settings, code: str = ECHO) -> Described:
    """A model of some lines of code, served."""
    name = f"loader_{folder.name}"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / f"{name}.py").write_text(code)
    flavor = {"loader_module": name, "code": "code", "python_version": "3.11.0"}
    signature = None if example is None else infer_signature(example)
    (folder / FILE).write_bytes(write(MLModel({"python_function": flavor}, signature)))
    return Described(build(load_folder(folder, trust=True), settings, folder), folder)
