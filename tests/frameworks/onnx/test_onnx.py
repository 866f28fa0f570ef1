"""ONNX: graphs are kept, run by onnxruntime and load freely, those of frameworks that are gone too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper

import gittrack
from gittrack.core.errors import MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.flavors.base import CannotPredict
from gittrack.models.trust import trust_file

WRITTEN_BY = Path(__file__).parent / "written_by"
ROWS = np.array([[1, 2], [3, 4]], dtype="float32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def graph(inputs: dict[str, list[Any]], nodes: list[Any], outputs: dict[str, list[Any]]) -> Any:
    """A model of floats that this version of onnx writes and onnxruntime reads."""

    def described(shapes: dict[str, list[Any]]) -> list[Any]:
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()
        ]

    made = helper.make_graph(nodes, "g", described(inputs), described(outputs))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def doubled() -> Any:
    """Adds its input to itself."""
    return graph({"x": ["n", 2]}, [helper.make_node("Add", ["x", "x"], ["y"])], {"y": ["n", 2]})


def summed(shape: list[Any]) -> Any:
    """Adds two inputs."""
    node = helper.make_node("Add", ["a", "b"], ["y"])
    return graph({"a": shape, "b": shape}, [node], {"y": shape})


def test_a_graph(folder: Path) -> None:
    """It needs nobody's word, takes doubles for floats, and gives its outputs by name."""
    gittrack.save_model(doubled(), folder, input_example=ROWS)
    trust_file().unlink(missing_ok=True)
    loaded = gittrack.load_model(folder)
    assert loaded.flavor == "onnx"
    assert loaded.predict(ROWS)["y"].tolist() == [[2, 4], [6, 8]]
    lines = (folder / "requirements.txt").read_text().split()
    assert [line.partition("==")[0] for line in lines] == ["onnx", "onnxruntime"]


def test_doubles(folder: Path) -> None:
    """Become floats, in arrays, mappings and tables."""
    gittrack.save_model(doubled(), folder)
    loaded, doubles = gittrack.load_model(folder), ROWS.astype("float64")
    for data in (doubles, {"x": doubles}, pd.DataFrame(doubles)):
        assert loaded.predict(data)["y"].tolist() == [[2, 4], [6, 8]]


@pytest.mark.parametrize("shape", [["n"], ["n", 1]], ids=["values", "rows"])
def test_columns(folder: Path, shape: list[Any]) -> None:
    """Each is an input, in the shape that the graph has for it."""
    gittrack.save_model(summed(shape), folder)
    found = gittrack.load_model(folder).predict(pd.DataFrame({"b": [1.0, 2], "a": [3.0, 4]}, index=[5, 6]))
    assert found["y"].to_dict() == {5: 4, 6: 6}


def test_inputs_that_do_not_fit(folder: Path) -> None:
    """The error names those that the graph has."""
    gittrack.save_model(summed(["n"]), folder)
    loaded = gittrack.load_model(folder)
    with pytest.raises(CannotPredict, match="one array for 2 inputs"):
        loaded.predict(ROWS)
    with pytest.raises(CannotPredict, match="the model takes 'a', 'b'"):
        loaded.predict(pd.DataFrame({"a": [1.0]}))


def test_weights_apart(folder: Path) -> None:
    """They are in a file beside the graph."""
    model = graph({"x": ["n", 2]}, [helper.make_node("MatMul", ["x", "w"], ["y"])], {"y": ["n", 200]})
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((2, 200), "float32"), "w"))
    gittrack.save_model(model, folder, save_as_external_data=True)
    assert (folder / "model.onnx.data").stat().st_size == 1600
    assert gittrack.load_model(folder).predict(ROWS)["y"][:, 0].tolist() == [3, 7]


def test_providers(folder: Path) -> None:
    """Those that are not there are left out; so is what is no list."""
    gittrack.save_model(doubled(), folder)
    path = folder / "MLmodel"
    for providers in (["NoSuchProvider", "CPUExecutionProvider"], ["NoSuchProvider"], "x", None):
        document = read_yaml(path.read_bytes())
        document["flavors"]["onnx"]["providers"] = providers
        path.write_bytes(write_yaml(document))
        assert gittrack.load_model(folder).native.get_providers() == ["CPUExecutionProvider"]


def test_a_file_that_is_elsewhere(folder: Path) -> None:
    """No name in MLmodel leads out of the model."""
    gittrack.save_model(doubled(), folder)
    path = folder / "MLmodel"
    path.write_bytes(path.read_bytes().replace(b"model.onnx", b"../model.onnx"))
    with pytest.raises(MalformedFile, match="names no file of the model"):
        gittrack.load_model(folder)


@pytest.mark.parametrize(
    ("name", "producer"), [("mxnet", ""), ("cntk", "CNTK"), ("caffe2", "onnx-caffe2")], ids=lambda one: one
)
def test_frameworks_that_are_gone(folder: Path, name: str, producer: str) -> None:
    """The file that each of them wrote gives what it itself gave for the same rows."""
    model = onnx.load(WRITTEN_BY / f"{name}.onnx")
    assert model.producer_name == producer
    gittrack.save_model(model, folder)
    trust_file().unlink(missing_ok=True)
    loaded = gittrack.load_model(folder)
    known = json.loads((WRITTEN_BY / f"{name}.json").read_text())
    rows = np.array(known["input"], dtype="float32")
    parts = np.split(rows, len(rows)) if name == "cntk" else [rows]  # CNTK wrote a graph for one row
    found = np.concatenate([next(iter(loaded.predict(part).values())) for part in parts])
    np.testing.assert_allclose(found, known["output"], rtol=1e-5)
