"""`/invocations` held against MLflow's own scoring server, on models that say what they were given."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from gittrack.models.mlmodel import FILE, MLModel, write
from gittrack.models.saved import load_folder
from gittrack.models.serving.app import build
from gittrack.models.serving.settings import Settings
from gittrack.models.signature.infer import infer_signature
from tests.support.mlflow_scoring import MODEL, ask
from tests.support.real_mlflow import Oracle, oracle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

_TABLE = pd.DataFrame({"a": [0.5, 1.5], "b": np.array([1, 2], "int64"), "s": ["x", "y"]})
_MORE = pd.DataFrame(
    {
        "t": pd.to_datetime(["2026-01-02", "2026-01-03"]),
        "f": np.array([1, 2], "float32"),
        "i": np.array([1, 2], "int32"),
        "y": [True, False],
        "z": [b"x", b"y"],
    }
)
_EXAMPLES: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "table": (_TABLE, None),
    "types": (_MORE, None),
    "params": (_TABLE, {"k": 1, "names": ["p"], "rate": 0.5}),
    "tensor": (np.zeros((2, 2), "float32"), None),
    "tensors": ({"x": np.zeros((2, 2), "float32"), "n": np.zeros(2, "int64")}, None),
    "none": (None, None),
    "one": (pd.DataFrame({"a": [0.5, 1.5]}), None),
}
_ROW = {"a": 1.0, "b": 2, "s": "x"}
_SPLIT = {"columns": ["a", "b", "s"], "data": [[1.0, 2, "x"], [3.5, 4, "y"]]}
_TYPED = {"t": "2026-01-02T03:04:05", "f": 1.5, "i": 3, "y": True, "z": "AAEC"}


def _json(**document: Any) -> tuple[str, str]:
    return "application/json", json.dumps(document)


CASES: dict[str, tuple[str, tuple[str | None, str]]] = {
    "split": ("table", _json(dataframe_split=_SPLIT)),
    "split with an index": ("table", _json(dataframe_split={**_SPLIT, "index": [5, 6]})),
    "split, other order": (
        "table",
        _json(dataframe_split={"columns": ["s", "b", "a"], "data": [["x", 2, 1.0]]}),
    ),
    "split, whole numbers for doubles": ("table", _json(dataframe_split={**_SPLIT, "data": [[1, 2, "x"]]})),
    "split, extra column": (
        "table",
        _json(dataframe_split={"columns": ["a", "b", "s", "e"], "data": [[1.0, 2, "x", 0]]}),
    ),
    "split, missing column": ("table", _json(dataframe_split={"columns": ["a", "b"], "data": [[1.0, 2]]})),
    "split, double for long": ("table", _json(dataframe_split={**_SPLIT, "data": [[1.0, 2.5, "x"]]})),
    "split, null for double": (
        "table",
        _json(dataframe_split={**_SPLIT, "data": [[None, 2, "x"], [1.0, 3, "y"]]}),
    ),
    "split, null for long": ("table", _json(dataframe_split={**_SPLIT, "data": [[1.0, None, "x"]]})),
    "split, text for double": ("table", _json(dataframe_split={**_SPLIT, "data": [["w", 2, "x"]]})),
    "split, number for text": ("table", _json(dataframe_split={**_SPLIT, "data": [[1.0, 2, 3]]})),
    "split, rows of two lengths": (
        "table",
        _json(dataframe_split={**_SPLIT, "data": [[1.0, 2, "x"], [1.0]]}),
    ),
    "split, empty": ("table", _json(dataframe_split={**_SPLIT, "data": []})),
    "split without columns": ("none", _json(dataframe_split={"data": [[1, 2], [3, 4]]})),
    "split, no object": ("table", _json(dataframe_split=[1])),
    "split, unknown key": ("table", _json(dataframe_split={**_SPLIT, "rows": 1})),
    "split without a signature": ("none", _json(dataframe_split=_SPLIT)),
    "records": ("table", _json(dataframe_records=[_ROW, {**_ROW, "a": 2.5}])),
    "records, other order": ("table", _json(dataframe_records=[_ROW, {"s": "y", "b": 3, "a": 2.5}])),
    "records, gap": ("table", _json(dataframe_records=[_ROW, {"b": 3, "s": "y"}])),
    "records, no list": ("table", _json(dataframe_records=_ROW)),
    "records, no objects": ("table", _json(dataframe_records=[1, 2])),
    "records without a signature": ("none", _json(dataframe_records=[_ROW, {**_ROW, "a": 2.5}])),
    "records, empty": ("none", _json(dataframe_records=[])),
    "types": ("types", _json(dataframe_records=[_TYPED])),
    "types as columns": ("types", _json(inputs={key: [value] for key, value in _TYPED.items()})),
    "no time": ("types", _json(dataframe_records=[{**_TYPED, "t": "yesterdayish"}])),
    "inputs of columns": ("table", _json(inputs={"a": [1.0, 2.0], "b": [1, 2], "s": ["x", "y"]})),
    "inputs of rows": ("table", _json(inputs=[_ROW, _ROW])),
    "inputs, one row": ("table", _json(inputs=_ROW)),
    "inputs without a signature": ("none", _json(inputs={"a": [1, 2], "b": ["x", "y"]})),
    "inputs, a list without a signature": ("none", _json(inputs=[[1, 2], [3, 4]])),
    "inputs, a number without a signature": ("none", _json(inputs=1)),
    "inputs, a text without a signature": ("none", _json(inputs="x")),
    "instances of rows": ("table", _json(instances=[_ROW, _ROW])),
    "instances without a signature": ("none", _json(instances=[[1, 2], [3, 4]])),
    "instances of objects without a signature": ("none", _json(instances=[{"a": 1}, {"a": 2}])),
    "instances, no list": ("table", _json(instances=1)),
    "tensor": ("tensor", _json(inputs=[[1, 2], [3, 4.5]])),
    "tensor as instances": ("tensor", _json(instances=[[1, 2], [3, 4.5]])),
    "tensor of another shape": ("tensor", _json(inputs=[[1, 2, 3]])),
    "tensor of texts": ("tensor", _json(inputs=[["x", "y"]])),
    "tensor, ragged": ("tensor", _json(inputs=[[1, 2], [3]])),
    "tensors": ("tensors", _json(inputs={"x": [[1, 2]], "n": [3]})),
    "tensors as instances": ("tensors", _json(instances=[{"x": [1, 2], "n": 3}, {"x": [3, 4], "n": 5}])),
    "tensors, one missing": ("tensors", _json(inputs={"x": [[1, 2]]})),
    "tensors, instances of two kinds": ("tensors", _json(instances=[{"x": [1, 2], "n": 3}, {"x": [3, 4]}])),
    "params": ("params", _json(dataframe_split=_SPLIT, params={"k": 3, "rate": 1.5})),
    "params left out": ("params", _json(dataframe_split=_SPLIT)),
    "params, unknown": ("params", _json(dataframe_split=_SPLIT, params={"nobody": 1})),
    "params of another type": ("params", _json(dataframe_split=_SPLIT, params={"k": "x"})),
    "params, a list": ("params", _json(dataframe_split=_SPLIT, params={"names": ["p", "q"]})),
    "params, none are known": ("table", _json(dataframe_split=_SPLIT, params={"k": 1})),
    "params, no object": ("params", _json(dataframe_split=_SPLIT, params=[1])),
    "csv": ("table", ("text/csv", "a,b,s\n1.5,2,x\n2,3,y\n")),
    "csv, numbers for text": ("table", ("text/csv", "a,b,s\n1,2,007\n")),
    "csv without a signature": ("none", ("text/csv", "a,b\n1,x\n2,y\n")),
    "csv, rows of two lengths": ("table", ("text/csv", "a,b,s\n1,2,x,9,9\n1\n")),
    "csv, missing column": ("table", ("text/csv", "a,b\n1,2\n")),
    "csv, empty": ("table", ("text/csv", "")),
    "csv, not UTF-8": ("none", ("text/csv", "a\n\udcff\n")),
    "csv with a charset": ("table", ("text/csv; charset=utf-8", "a,b,s\n1.5,2,x\n")),
    "csv in Latin": ("table", ("text/csv; charset=latin-1", "a,b,s\n1.5,2,x\n")),
    "no JSON": ("table", ("application/json", "{")),
    "a list": ("table", ("application/json", "[1]")),
    "a text": ("table", ("application/json", '"x"')),
    "nothing": ("table", ("application/json", "")),
    "no form": ("table", _json(x=1)),
    "two forms": ("table", _json(inputs=[1], instances=[1])),
    "protocol of MLflow 1": ("table", _json(columns=["a"], data=[[1]])),
    "pandas-split of MLflow 1": ("table", ("application/json; format=pandas-split", json.dumps(_SPLIT))),
    "another content type": ("table", ("text/plain", "x")),
    "no content type": ("table", (None, "x")),
    "one column, a list": ("one", _json(inputs=[1.5, 2.5])),
    "one column, rows": ("one", _json(dataframe_records=[{"a": 1}])),
    "inputs of rows without a signature": ("none", _json(inputs=[{"a": 1}, {"a": 2}])),
    "csv, a gap in whole numbers": ("table", ("text/csv", "a,b,s\n1,,x\n")),
    "csv with times": ("types", ("text/csv", "t,f,i,y,z\n2026-01-02,1,2,True,AAEC\n")),
    "json without its own names": ("table", _json(dataframe_split={"data": [[1.0, 2, "x"]]})),
}
MEANT = {
    "split, double for long": (200, 400, "MLflow cuts 2.5 down to 2"),
    "types as columns": (200, 200, "MLflow takes the base64 of `inputs` for the bytes themselves"),
    "inputs of rows without a signature": (400, 200, "MLflow makes an array of every single value"),
    "csv with times": (400, 200, "MLflow asks pandas for what it cannot read"),
    "no content type": (500, 415, "MLflow has not foreseen it"),
}
"""Case to MLflow's status, ours, and why the answers are not the same."""


@pytest.fixture(scope="module")
def mlflow() -> Iterator[Oracle]:
    """MLflow's server."""
    found = oracle("mlflow_scoring.py")
    yield found
    found.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, FastAPI]]:
    """Name to the folder of a model, and our server of it."""
    found = {}
    for name, (example, params) in _EXAMPLES.items():
        folder = tmp_path_factory.mktemp("models") / name
        (folder / "code").mkdir(parents=True)
        (folder / "code" / "describing.py").write_text(MODEL)
        flavor = {"loader_module": "describing", "code": "code", "python_version": "3.11.0"}
        signature = None if example is None else infer_signature(example, None, params)
        (folder / FILE).write_bytes(write(MLModel({"python_function": flavor}, signature)))
        found[name] = folder, build(load_folder(folder, trust=True), Settings(), folder)
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_same_answer(mlflow: Oracle, models: dict[str, tuple[Path, FastAPI]], case: str) -> None:
    """The same status, and for what is understood the same data for the model."""
    name, (kind, body) = CASES[case]
    folder, app = models[name]
    theirs = mlflow.answer({"model": str(folder), "kind": kind, "body": body})
    headers = [] if kind is None else [(b"content-type", kind.encode())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns and params that are left out
        ours = ask(app, "/invocations", body.encode("utf-8", "surrogateescape"), headers)
    if case in MEANT:
        assert (theirs["status"], ours["status"]) == MEANT[case][:2]
        return
    assert ours["status"] == theirs["status"], (ours["body"], theirs["body"])
    if ours["status"] == 200:
        assert json.loads(ours["body"]) == json.loads(theirs["body"])
