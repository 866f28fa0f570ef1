"""Requests and answers of the Open Inference Protocol, version 2 (KServe, Triton, MLServer).

The protocol is that of github.com/kserve/open-inference-protocol, with Triton's extension for binary data.
Where it leaves open what tensors mean to a model, MLServer's runtime for MLflow's models is followed: a
signature of columns wants one tensor a column (`pd`), one of tensors an array (`np`) or several by name
(`dict`); what a request says itself by `content_type` comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from gittrack.core.text import load_json
from gittrack.models.serving.tensors import DATATYPES, array_of, decoded, packed, tensor_of
from gittrack.models.serving.typed import typed
from gittrack.models.serving.values import JSON, BadRequest, Payload, Reply, refuse
from gittrack.models.signature.specs import Column, Schema, Tensor
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "inference-header-content-length"
"""The header that says how many bytes of a body are JSON; binary data follows."""
_SINGLE = {"np", "str", "base64", "datetime"}
_OWN = {"content_type", "headers", "binary_data_output"}
_SCALARS = {
    "boolean": ("BOOL", "np"),
    "integer": ("INT32", "np"),
    "long": ("INT64", "np"),
    "float": ("FP32", "np"),
    "double": ("FP64", "np"),
    "string": ("BYTES", "str"),
    "binary": ("BYTES", "base64"),
    "datetime": ("BYTES", "datetime"),
}


class Inference(NamedTuple):
    """A request for an inference.

    Attributes:
        payload: what the model is given.
        id: what the client calls the request.
        wanted: names of the outputs that are wanted, with what is said of each; None for all.
        binary: whether outputs come in binary form unless one says otherwise.
    """

    payload: Payload
    id: str | None = None
    wanted: Mapping[str, Mapping[str, Any]] | None = None
    binary: bool = False


def parse(body: bytes, header: str | None, schema: Schema | None) -> Inference:
    """The inference that a request asks for.

    Args:
        body: of the request.
        header: of the name `HEADER`.
        schema: the inputs of the model's signature.

    Raises:
        BadRequest: it is none.
    """
    document, raw = _halves(body, header)
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
        refuse("send a JSON object whose `inputs` is a list of tensors: name, shape, datatype, data")
    names = [one.get("name") for one in inputs]
    if not all(isinstance(one, str) for one in names) or len(set(names)) < len(names):
        refuse("each input has a name of its own")
    said = _parameters(document, "the request")
    tensors = _tensors(inputs, raw, schema)
    data = _data(tensors, said.get("content_type") or _kind(schema, len(tensors)), schema)
    params = {name: value for name, value in said.items() if name not in _OWN}
    asked, wanted = document.get("id"), _wanted(document.get("outputs"))
    binary = said.get("binary_data_output") is True
    return Inference(Payload(data, params or None), str(asked) if asked is not None else None, wanted, binary)


def _halves(body: bytes, header: str | None) -> tuple[dict[str, Any], memoryview]:
    """The JSON of a request, and its binary data."""
    size = len(body)
    if header is not None:
        if not (header.isascii() and header.isdecimal()) or len(header) > 15 or int(header) > size:  # noqa: PLR2004  a petabyte
            refuse(f"{HEADER} is no number of bytes of the body")
        size = int(header)
    view = memoryview(body)
    try:
        document = load_json(view[:size])
    except ValueError as error:
        refuse(f"the body is not JSON: {error}")
    if not isinstance(document, dict):
        refuse("the body is no JSON object")
    return document, view[size:]


def _parameters(owner: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    found = owner.get("parameters")
    if found is None:
        return {}
    if not isinstance(found, dict):
        refuse(f"the parameters of {what} are no JSON object")
    return found


def _tensors(inputs: list[dict[str, Any]], raw: memoryview, schema: Schema | None) -> dict[str, Any]:
    """Name to array; binary data stands in the order of the inputs."""
    kinds = {name: kind for name, _, kind in specs_of(schema, "input")}
    found, place = {}, 0
    for tensor in inputs:
        name, said = tensor["name"], _parameters(tensor, "an input")
        part = None
        size = said.get("binary_data_size")
        if size is not None:
            if type(size) is not int or not 0 <= size <= len(raw) - place:
                refuse(f"input {name[:60]!r}: its binary_data_size is not that of the data behind the JSON")
            part = raw[place : place + size]
            place += size
        kind = said.get("content_type") or kinds.get(name)
        found[name] = decoded(array_of(tensor, part), kind, name)
    return found


def _kind(schema: Schema | None, count: int) -> str:
    if schema is None:
        return "pd" if count > 1 else "np"
    if not schema.tensors:
        return "pd"
    return "dict" if schema.named else "np"


def _data(tensors: Mapping[str, Any], kind: object, schema: Schema | None) -> Any:  # noqa: ANN401  see Payload
    if kind == "pd":
        return typed(_frame(tensors), schema)
    if kind == "dict":
        return dict(tensors)
    if kind not in _SINGLE:
        refuse(f"no such content type: {str(kind)[:20]!r}; there are pd, dict, {', '.join(sorted(_SINGLE))}")
    if len(tensors) != 1:
        refuse(f"one input is expected, and there are {len(tensors)}")
    array = next(iter(tensors.values()))
    return array.ravel().tolist() if kind != "np" else array


def _frame(tensors: Mapping[str, Any]) -> Any:  # noqa: ANN401  a DataFrame
    import pandas as pd

    columns = {}
    for name, array in tensors.items():
        if array.ndim > 1 and array.size != array.shape[0]:
            refuse(f"input {name[:60]!r} is no column: its shape is {list(array.shape)}")
        columns[name] = pd.Series(array.ravel())
    if len({len(one) for one in columns.values()}) > 1:
        refuse("the inputs are columns of different lengths")
    return pd.DataFrame(columns)


def _wanted(outputs: Any) -> dict[str, Mapping[str, Any]] | None:  # noqa: ANN401  a JSON value
    if not outputs and (outputs is None or isinstance(outputs, list)):
        return None
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        refuse("outputs is a list of objects")
    return {str(one.get("name")): _parameters(one, "an output") for one in outputs}


def specs_of(schema: Schema | None, what: str) -> list[tuple[str, dict[str, Any], str]]:
    """Name, metadata and content type of each tensor of a signature.

    Args:
        schema: its inputs or outputs.
        what: names those without a name: `input-0` and so on.
    """
    found = []
    for number, spec in enumerate(schema.specs if schema is not None else ()):
        name = f"{what}-{number}" if spec.name is None else str(spec.name)
        datatype, shape, kind = _metadata(spec)
        told = {"name": name, "datatype": datatype, "shape": shape, "parameters": {"content_type": kind}}
        found.append((name, told, kind))
    return found


def _metadata(spec: Column | Tensor) -> tuple[str, list[int], str]:
    if isinstance(spec, Column):
        known = _SCALARS.get(spec.type.name) if isinstance(spec.type, Scalar) else None
        datatype, kind = known or ("BYTES", "pd_json")
        return datatype, [-1, 1], kind
    return DATATYPES.get(spec.dtype, "BYTES"), list(spec.shape), "np"


def answer(found: Any, asked: Inference, name: str, version: str | None) -> Reply:  # noqa: ANN401  of any model
    """The answer to an inference.

    Args:
        found: what the model predicted.
        asked: the request.
        name: of the model.
        version: of it, None without any.

    Raises:
        BadRequest: the model gave what tensors cannot hold, or there is no such output.
    """
    kind, tensors = _outputs(found)
    if asked.wanted is not None:
        there = {tensor["name"]: tensor for tensor in tensors}
        missing = [one for one in asked.wanted if one not in there]
        if missing:
            refuse(f"there is no output {missing[0][:60]!r}; there are: {', '.join(there)[:200]}")
        tensors = [there[one] for one in asked.wanted]
    head: dict[str, Any] = {"model_name": name}
    head |= {key: value for key, value in (("model_version", version), ("id", asked.id)) if value is not None}
    head["parameters"] = {"content_type": kind}
    return _said(head, tensors, asked)


def _outputs(found: Any) -> tuple[str, list[dict[str, Any]]]:  # noqa: ANN401
    """Content type and tensors of predictions, `data` still arrays."""
    if hasattr(found, "to_dict") and hasattr(found, "columns"):
        kind, parts = "pd", {str(name): found[name] for name in found.columns}
    elif isinstance(found, dict):
        kind, parts = "dict", {str(name): value for name, value in found.items()}
    else:
        kind, parts = "np", {"output-1": found}
    try:
        return kind, [tensor_of(name, values) for name, values in parts.items()]
    except (TypeError, ValueError) as error:
        msg = f"the predictions are no tensors: {error}"
        raise BadRequest(msg, 500, "INTERNAL_ERROR") from error


def _said(head: dict[str, Any], tensors: list[dict[str, Any]], asked: Inference) -> Reply:
    binary = b""
    for tensor in tensors:
        own = asked.wanted.get(tensor["name"], {}) if asked.wanted is not None else {}
        if own.get("binary_data", asked.binary) is True:
            content = packed(tensor)
            tensor["parameters"]["binary_data_size"] = len(content)
            del tensor["data"]
            binary += content
        elif str(tensor["data"].dtype) == "float16" or tensor["data"].dtype == object:
            tensor["data"] = tensor["data"].tolist()
    text = orjson.dumps({**head, "outputs": tensors}, option=orjson.OPT_SERIALIZE_NUMPY)
    if not binary and not asked.binary:
        return Reply(text, JSON)
    size = str(len(text)).encode()
    return Reply(text + binary, "application/octet-stream", headers=((HEADER.encode(), size),))
