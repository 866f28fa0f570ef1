"""The Open Inference Protocol: tensors become what the model takes, and predictions tensors."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittrack.models.serving import oip
from gittrack.models.serving.settings import Settings
from gittrack.models.serving.tensors import DTYPES
from gittrack.models.serving.values import BadRequest, Payload
from gittrack.models.signature.infer import infer_signature
from tests.support.mlflow_scoring import ask
from tests.support.served import Described, described

TABLE = pd.DataFrame({"a": [0.5, 1.5], "s": ["x", "y"]})


def tensor(name: str, datatype: str, shape: list[int], data: Any, **parameters: Any) -> dict[str, Any]:
    """A tensor of a request."""
    extra = {"parameters": parameters} if parameters else {}
    return {"name": name, "datatype": datatype, "shape": shape, "data": data, **extra}


def parsed(*inputs: dict[str, Any], example: Any = None, **more: Any) -> Any:
    """What the model is given."""
    schema = None if example is None else infer_signature(example).inputs
    return oip.parse(json.dumps({"inputs": inputs, **more}).encode(), None, schema).payload.data


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Described:
    """A served model of a table, whose predictions are the table itself."""
    return described(tmp_path_factory.mktemp("oip") / "echo", TABLE, Settings(name="echo", version="3"))


def test_columns() -> None:
    """A signature of columns makes a table: one tensor each, flat or as a column."""
    found = parsed(
        tensor("a", "FP64", [2], [1, 2.5]), tensor("s", "BYTES", [2, 1], [["p"], ["q"]]), example=TABLE
    )
    assert [*found.columns] == ["a", "s"]
    assert found.to_numpy().tolist() == [[1.0, "p"], [2.5, "q"]]


def test_an_array() -> None:
    """A signature of one tensor makes an array, from nested data or flat."""
    for data in ([[1, 2], [3, 4]], [1, 2, 3, 4]):
        found = parsed(tensor("any", "FP32", [2, 2], data), example=np.zeros((2, 2), "float32"))
        assert (found.dtype, found.tolist()) == (np.float32, [[1, 2], [3, 4]])


def test_named_arrays() -> None:
    """A signature of named tensors makes a mapping."""
    found = parsed(
        tensor("x", "FP32", [1, 2], [1, 2]),
        tensor("n", "INT64", [1], [3]),
        example={"x": np.zeros((2, 2), "float32"), "n": np.zeros(2, "int64")},
    )
    assert {name: one.tolist() for name, one in found.items()} == {"x": [[1, 2]], "n": [3]}


def test_without_a_signature() -> None:
    """One tensor is an array, several are columns, and a content type says otherwise."""
    assert parsed(tensor("x", "INT8", [2], [1, 2])).dtype == np.int8
    assert [*parsed(tensor("x", "INT8", [1], [1]), tensor("y", "BOOL", [1], [True])).columns] == ["x", "y"]
    assert parsed(tensor("x", "BYTES", [2], ["p", "q"]), parameters={"content_type": "str"}) == ["p", "q"]
    assert [*parsed(tensor("x", "INT8", [2], [1, 2]), parameters={"content_type": "pd"}).columns] == ["x"]


@pytest.mark.parametrize(
    ("kind", "said", "meant"),
    [
        ("base64", "AAEC", b"\x00\x01\x02"),
        ("datetime", "2026-01-02T03:04:05", np.datetime64("2026-01-02T03:04:05", "ns")),
        ("datetime", "2026-01-02T03:04:05+02:00", np.datetime64("2026-01-02T01:04:05", "ns")),
        ("pd_json", '{"k": [1]}', {"k": [1]}),
        ("str", "x", "x"),
    ],
)
def test_content_types_of_bytes(kind: str, said: str, meant: Any) -> None:
    """Texts stand for what their content type says."""
    found = parsed(tensor("x", "BYTES", [1], [said], content_type=kind), parameters={"content_type": "dict"})
    assert found["x"][0] == meant


def test_params() -> None:
    """Parameters of the request that are not the protocol's are params of `predict`."""
    body = {"inputs": [tensor("x", "INT8", [1], [1])], "id": "7", "parameters": {"k": 2, "headers": {}}}
    found = oip.parse(json.dumps(body).encode(), None, None)
    assert (found.payload.params, found.id) == ({"k": 2}, "7")


@given(st.sampled_from([*DTYPES]), st.lists(st.integers(0, 100), min_size=1, max_size=5))
@settings(max_examples=40)
def test_numbers_in_binary_form(datatype: str, values: list[int]) -> None:
    """They are the same as in JSON, each datatype."""
    array = np.array(values).astype(DTYPES[datatype])
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    head = json.dumps(
        {"inputs": [tensor("x", datatype, [len(values)], None, binary_data_size=len(raw))]}
    ).encode()
    found = oip.parse(head + raw, str(len(head)), None).payload.data
    assert (found.dtype, found.tolist()) == (array.dtype, array.tolist())


def test_texts_in_binary_form() -> None:
    """Each stands behind its length."""
    raw = b"".join(struct.pack("<I", len(one)) + one for one in (b"p", "é".encode()))
    said = tensor("x", "BYTES", [2], None, binary_data_size=len(raw), content_type="str")
    head = json.dumps({"inputs": [said], "parameters": {"content_type": "str"}}).encode()
    assert oip.parse(head + raw, str(len(head)), None).payload.data == ["p", "é"]


@pytest.mark.parametrize(
    ("body", "header", "message"),
    [
        (b"{", None, "not JSON"),
        (b"[]", None, "no JSON object"),
        (b"{}", None, "`inputs` is a list of tensors"),
        (b'{"inputs": []}', None, "`inputs` is a list of tensors"),
        (b'{"inputs": [1]}', None, "`inputs` is a list of tensors"),
        (b'{"inputs": [{}]}', None, "name of its own"),
        (b'{"inputs": [{"name": "x"}, {"name": "x"}]}', None, "name of its own"),
        (b'{"inputs": [{"name": "x"}], "parameters": 1}', None, "no JSON object"),
        (b'{"inputs": [{"name": "x", "parameters": 1}]}', None, "no JSON object"),
        (b'{"inputs": [{"name": "x", "shape": 1}]}', None, "no list of sizes"),
        (b'{"inputs": [{"name": "x", "shape": [-1]}]}', None, "no list of sizes"),
        (b'{"inputs": [{"name": "x", "shape": [true]}]}', None, "no list of sizes"),
        (b'{"inputs": [{"name": "x", "shape": [1], "datatype": "FP8"}]}', None, "no such datatype"),
        (b'{"inputs": [{"name": "x", "shape": [1], "datatype": "FP32"}]}', None, "is a list"),
        (b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [300]}]}', None, "no values"),
        (
            b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [1.5]}]}',
            None,
            "no list of int8",
        ),
        (
            b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": ["1"]}]}',
            None,
            "no list of int8",
        ),
        (
            b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [[1], 2]}]}',
            None,
            "no values",
        ),
        (
            b'{"inputs": [{"name": "x", "shape": [3], "datatype": "INT8", "data": [1]}]}',
            None,
            "asks for others",
        ),
        (
            b'{"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": [1]}]}',
            None,
            "no text values",
        ),
        (
            b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [1]}], "outputs": 1}',
            None,
            "list",
        ),
        (
            (
                b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [1]}],'
                b' "parameters": {"content_type": "x"}}'
            ),
            None,
            "no such content type",
        ),
        (
            (
                b'{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT8", "data": [1, 2]}],'
                b' "parameters": {"content_type": "pd"}}'
            ),
            None,
            "no column",
        ),
        (
            (
                b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [1]},'
                b' {"name": "y", "shape": [2], "datatype": "INT8", "data": [1, 2]}]}'
            ),
            None,
            "different lengths",
        ),
        (
            (
                b'{"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [1]},'
                b' {"name": "y", "shape": [1], "datatype": "INT8", "data": [1]}],'
                b' "parameters": {"content_type": "np"}}'
            ),
            None,
            "one input is expected",
        ),
        (b"{}", "3", "no number of bytes"),
        (b"{}", "x", "no number of bytes"),
        (b'{"inputs": [{"name": "x", "parameters": {"binary_data_size": 9}}]}', None, "binary_data_size"),
    ],
)
def test_bad_requests(body: bytes, header: str | None, message: str) -> None:
    """Each says what is wrong."""
    with pytest.raises(BadRequest, match=message):
        oip.parse(body, header, None)


def test_lengths_beyond_the_end() -> None:
    """Binary texts that are cut off are refused."""
    said = tensor("x", "BYTES", [1], None, binary_data_size=4)
    head = json.dumps({"inputs": [said]}).encode()
    with pytest.raises(BadRequest, match="beyond the end"):
        oip.parse(head + struct.pack("<I", 9), str(len(head)), None)


def test_a_table_comes_back(server: Described) -> None:
    """One tensor a column, with its content type."""
    inputs = [tensor("a", "FP64", [2], [1.5, None]), tensor("s", "BYTES", [2], ["p", "q"])]
    found = server.infer({"id": "42", "inputs": inputs})
    assert (found["model_name"], found["model_version"], found["id"]) == ("echo", "3", "42")
    assert found["parameters"] == {"content_type": "pd"}
    assert found["outputs"] == [
        tensor("a", "FP64", [2, 1], [1.5, None], content_type="np"),
        tensor("s", "BYTES", [2, 1], ["p", "q"], content_type="str"),
    ]


def test_wanted_outputs(server: Described) -> None:
    """Only those that are asked for come, each in the form that is asked for."""
    inputs = [tensor("a", "FP64", [1], [1.5]), tensor("s", "BYTES", [1], ["p"])]
    found = server.infer({"inputs": inputs, "outputs": [{"name": "s"}]})
    assert [one["name"] for one in found["outputs"]] == ["s"]
    assert (
        "no output 'z'" in server.infer({"inputs": inputs, "outputs": [{"name": "z"}]}, status=400)["error"]
    )


def test_binary_outputs(server: Described) -> None:
    """They follow the JSON, whose length the header says."""
    inputs = [tensor("a", "FP64", [1], [1.5]), tensor("s", "BYTES", [1], ["p"])]
    body = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    found = ask(server.app, "/v2/models/echo/infer", body, [])
    size = int(found["headers"][oip.HEADER.encode()])
    outputs = json.loads(found["body"][:size])["outputs"]
    assert [one["parameters"]["binary_data_size"] for one in outputs] == [8, 5]
    assert found["body"][size:] == struct.pack("<d", 1.5) + struct.pack("<I", 1) + b"p"


def test_metadata(server: Described) -> None:
    """Of the server and of the model, whose signature is said as tensors."""
    assert server.get("/v2")["extensions"] == ["binary_tensor_data"]
    assert server.get("/v2/health/live") == {"live": True}
    assert server.get("/v2/health/ready") == {"ready": True}
    model = server.get("/v2/models/echo/versions/3")
    assert (model["name"], model["versions"], model["platform"]) == ("echo", ["3"], "python_function")
    assert [(one["name"], one["datatype"], one["shape"]) for one in model["inputs"]] == [
        ("a", "FP64", [-1, 1]),
        ("s", "BYTES", [-1, 1]),
    ]
    assert server.get("/v2/models/echo/ready") == {"name": "echo", "ready": True}


@pytest.mark.parametrize(
    "path", ["/v2/models/other", "/v2/models/echo/versions/4/ready", "/v2/models/x/infer"]
)
def test_another_model(server: Described, path: str) -> None:
    """Is not here."""
    method = "POST" if path.endswith("infer") else "GET"
    found = ask(server.app, path, b"{}", [], method)
    assert found["status"] == 404
    assert "there is no" in json.loads(found["body"])["error"]


@pytest.mark.parametrize(
    ("predictions", "kind", "outputs"),
    [
        (np.array([1.0, 2.0]), "np", [("output-1", "FP64", [2, 1], [1.0, 2.0], "np")]),
        ([1, 2], "np", [("output-1", "INT64", [2, 1], [1, 2], "np")]),
        (["p", "q"], "np", [("output-1", "BYTES", [2, 1], ["p", "q"], "str")]),
        ([b"p"], "np", [("output-1", "BYTES", [1, 1], ["cA=="], "base64")]),
        (np.array([[1, 2]], "float16"), "np", [("output-1", "FP16", [1, 2], [1.0, 2.0], "np")]),
        ({"x": np.array([True])}, "dict", [("x", "BOOL", [1, 1], [True], "np")]),
        (pd.Series([1, 2], dtype="int32"), "np", [("output-1", "INT32", [2, 1], [1, 2], "np")]),
        ([{"k": 1}, "x"], "np", [("output-1", "BYTES", [2, 1], ['{"k":1}', '"x"'], "pd_json")]),
        (
            pd.DataFrame({"t": pd.to_datetime(["2026-01-02"])}),
            "pd",
            [("t", "BYTES", [1, 1], ["2026-01-02T00:00:00"], "datetime")],
        ),
    ],
)
def test_predictions_as_tensors(predictions: Any, kind: str, outputs: list[Any]) -> None:
    """Whatever the model gives."""
    reply = oip.answer(predictions, oip.Inference(Payload(None)), "m", None)
    found = json.loads(reply.body)
    assert found["parameters"] == {"content_type": kind}
    for one, (name, datatype, shape, data, content) in zip(found["outputs"], outputs, strict=True):
        assert (one["name"], one["datatype"], one["shape"]) == (name, datatype, shape)
        assert one["parameters"] == {"content_type": content}
        assert [str(value)[:19] for value in one["data"]] == [str(value) for value in data]


def test_predictions_that_are_no_tensors() -> None:
    """Are the model's mistake."""
    with pytest.raises(BadRequest, match="no tensors") as caught:
        oip.answer([object()], oip.Inference(Payload(None)), "m", None)
    assert caught.value.status == 500


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_tensor = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "s"]) | _json,
        "shape": st.lists(st.integers(0, 3), max_size=3) | _json,
        "datatype": st.sampled_from([*DTYPES, "BYTES"]) | _json,
    },
    optional={
        "data": st.lists(st.integers() | st.text(max_size=3), max_size=3) | _json,
        "parameters": st.dictionaries(
            st.sampled_from(["content_type", "binary_data_size"]), _json, max_size=2
        ),
    },
)


@given(st.lists(_tensor, max_size=2), _json, _json, st.binary(max_size=8), st.none() | st.integers(0, 200))
@settings(max_examples=150, deadline=None)
def test_whatever_is_sent_is_answered(
    server: Described, inputs: list[Any], parameters: Any, outputs: Any, raw: bytes, size: int | None
) -> None:
    """A wrong request is the client's mistake, never ours."""
    body = json.dumps({"inputs": inputs, "parameters": parameters, "outputs": outputs}).encode() + raw
    headers = [] if size is None else [(oip.HEADER.encode(), str(size).encode())]
    assert 200 <= ask(server.app, "/v2/models/echo/infer", body, headers)["status"] < 500
