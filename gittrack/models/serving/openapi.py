"""The OpenAPI description of a server: every route, and what the model takes by its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.serving.answers import CSV, LINES
from gittrack.models.serving.tensors import DTYPES
from gittrack.models.serving.values import JSON, own_version
from gittrack.models.signature.specs import Column
from gittrack.models.signature.types import Array, Map, Object, Scalar

if TYPE_CHECKING:
    from gittrack.models.loaded import LoadedModel
    from gittrack.models.serving.settings import Settings
    from gittrack.models.signature.specs import Schema, Signature
    from gittrack.models.signature.types import Type

    Document = dict[str, Any]

_VALUES: dict[str, Document] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "string": {"type": "string"},
    "binary": {"type": "string", "format": "byte"},
    "datetime": {"type": "string", "format": "date-time"},
}
_PROBLEMS = {
    "400": "The request cannot be understood, or is not what the model takes.",
    "413": "The body is too large.",
    "415": "The content type is not known.",
    "504": "Predicting took too long.",
}
_NO_MODEL = {"404": "There is no such model or version here."}
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_VERSION = {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}


def description(model: LoadedModel, settings: Settings) -> Document:
    """The document that `/openapi.json` answers with and `/docs` shows."""
    routes = settings.health_routes
    paths: Document = {path: {"post": _invocations(model.signature)} for path in settings.predict_routes}
    paths |= {path: _get("Whether the server answers", JSON, None) for path in routes}
    paths |= {
        "/version": _get("The version of gittrack", "text/plain"),
        "/metrics": _get("Counts and durations of requests, for Prometheus", "text/plain"),
        "/v2": _get("The server, in the Open Inference Protocol"),
        "/v2/health/live": _get("Whether the server lives"),
        "/v2/health/ready": _get("Whether the model can be asked"),
        **_of_model("/v2/models/{name}", [_path_name(settings.name)]),
    }
    if settings.version is not None:
        both = [_path_name(settings.name), {**_VERSION, "example": settings.version}]
        paths |= _of_model("/v2/models/{name}/versions/{version}", both)
    info = {"title": settings.name, "version": own_version(), "description": _words(model)}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": _schemas()}}


def _path_name(name: str) -> Document:
    return {**_NAME, "example": name}


def _words(model: LoadedModel) -> str:
    run = f" of run {model.mlmodel.run_id}" if model.mlmodel.run_id else ""
    return f"A model of the flavor {model.flavor}{run}, served by gittrack."


def _get(summary: str, kind: str = JSON, schema: Document | None = None) -> Document:
    shown = {"type": "object"} if kind == JSON else {"type": "string"}
    content = {kind: {"schema": schema or shown}}
    answers: Document = {"200": {"description": "OK", "content": content}}
    if summary.startswith("Whether the server answers"):
        answers = {"200": {"description": "It does; the body is empty or a newline."}}
    return {"get": {"summary": summary, "responses": answers}}


def _of_model(path: str, parameters: list[Document]) -> Document:
    missing = {status: _problem(text, "InferenceError") for status, text in _NO_MODEL.items()}
    found: Document = {}
    for end, summary in (("", "The model: its signature as tensors"), ("/ready", "Whether it can be asked")):
        found[path + end] = _get(summary)
        found[path + end]["get"]["responses"] |= missing
    content = {JSON: {"schema": {"$ref": "#/components/schemas/InferenceRequest"}}}
    answer = {JSON: {"schema": {"$ref": "#/components/schemas/InferenceResponse"}}}
    found[f"{path}/infer"] = {
        "post": {
            "summary": "Predict, in the Open Inference Protocol",
            "requestBody": {"content": content, "required": True},
            "responses": {
                "200": {"description": "Predictions", "content": answer},
                **missing,
                **{
                    code: _problem(text, "InferenceError")
                    for code, text in _PROBLEMS.items()
                    if code != "415"
                },
            },
        }
    }
    for one in found.values():
        for operation in one.values():
            operation["parameters"] = parameters
    return found


def _problem(text: str, schema: str) -> Document:
    return {"description": text, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _invocations(signature: Signature | None) -> Document:
    inputs = signature.inputs if signature is not None else None
    text = {"schema": {"type": "string"}}
    content: Document = {JSON: {"schema": _scoring(inputs, signature)}, CSV: text, LINES: text}
    content["application/vnd.apache.parquet"] = {"schema": {"type": "string", "format": "binary"}}
    predictions = {"type": "object", "required": ["predictions"], "properties": {"predictions": {}}}
    shown = {JSON: {"schema": predictions}, CSV: text, LINES: text}
    return {
        "summary": "Predict, in the protocol of MLflow",
        "requestBody": {"content": content, "required": True},
        "responses": {
            "200": {
                "description": "Predictions, in the content type that `Accept` asks for",
                "content": shown,
            },
            **{code: _problem(words, "Error") for code, words in _PROBLEMS.items()},
        },
    }


def _scoring(inputs: Schema | None, signature: Signature | None) -> Document:
    """The JSON of a request: one of the four forms."""
    row = _row(inputs)
    split = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "columns": {"type": "array", "items": {"type": ["string", "integer"]}},
            "index": {"type": "array"},
            "data": {"type": "array", "items": {"type": "array"}},
        },
    }
    forms: Document = {
        "dataframe_split": split,
        "dataframe_records": {"type": "array", "items": row},
        "instances": {"type": "array"},
        "inputs": {},
    }
    params = (
        {one.name: _param(one.type, many=one.shape is not None) for one in signature.params}
        if signature
        else {}
    )
    extra = {"params": {"type": "object", "properties": params}}
    one_of = [
        {"type": "object", "required": [name], "properties": {name: form, **extra}}
        for name, form in forms.items()
    ]
    return {"oneOf": one_of}


def _param(kind: str | Type, *, many: bool) -> Document:
    one = _VALUES.get(kind, {}) if isinstance(kind, str) else _value(kind)
    return {"type": "array", "items": one} if many else one


def _row(inputs: Schema | None) -> Document:
    """A row as an object."""
    columns = [one for one in inputs.specs if isinstance(one, Column)] if inputs is not None else []
    named = [one for one in columns if one.name is not None]
    required = [str(one.name) for one in named if one.required]
    row: Document = {"type": "object", "properties": {str(one.name): _value(one.type) for one in named}}
    return {**row, "required": required} if required else row


def _value(kind: Type) -> Document:
    if isinstance(kind, Scalar):
        return dict(_VALUES[kind.name])
    if isinstance(kind, Array):
        return {"type": "array", "items": _value(kind.items)}
    if isinstance(kind, Map):
        return {"type": "object", "additionalProperties": _value(kind.values)}
    if isinstance(kind, Object):
        return {"type": "object", "properties": {one.name: _value(one.type) for one in kind.properties}}
    return {}


def _schemas() -> Document:
    text, anything = {"type": "string"}, {"type": "object"}
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": text,
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "datatype": {"enum": [*DTYPES, "BYTES"]},
            "parameters": anything,
            "data": {"type": "array"},
        },
    }
    output = {"type": "object", "required": ["name"], "properties": {"name": text, "parameters": anything}}
    request = {
        "id": text,
        "parameters": anything,
        "inputs": {"type": "array", "items": _ref("Tensor"), "minItems": 1},
    }
    response = {"model_name": text, "model_version": text, "id": text, "parameters": anything}
    outputs = {"type": "array", "items": _ref("Tensor")}
    return {
        "Tensor": tensor,
        "InferenceRequest": {
            "type": "object",
            "required": ["inputs"],
            "properties": {**request, "outputs": {"type": "array", "items": output}},
        },
        "InferenceResponse": {
            "type": "object",
            "required": ["model_name", "outputs"],
            "properties": {**response, "outputs": outputs},
        },
        "InferenceError": {"type": "object", "required": ["error"], "properties": {"error": text}},
        "Error": {
            "type": "object",
            "required": ["error_code", "message"],
            "properties": {"error_code": text, "message": text},
        },
    }


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}
