"""Signatures as JSON, in the form of MLflow's `MLmodel` files; pure.

`inputs`, `outputs` and `params` are each a JSON text inside the YAML of the file, or null. Older files
leave out `required`, which is true then.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any, NoReturn

from gittrack.core.errors import InvalidValue
from gittrack.core.text import load_json
from gittrack.models.signature.specs import Column, Param, Schema, Signature, Spec, Tensor, schema_of
from gittrack.models.signature.types import (
    SCALARS,
    Anything,
    Array,
    Map,
    Object,
    Property,
    Scalar,
    Type,
    Vector,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 50


class MalformedSignature(InvalidValue):
    """The signature of a model cannot be read."""


def signature_from(document: Mapping[str, Any] | None) -> Signature | None:
    """The signature in an `MLmodel` file, None without one.

    Raises:
        MalformedSignature: it is not one.
    """
    if document is None:
        return None
    parts = {name: _json(document, name) for name in ("inputs", "outputs", "params")}
    params = parts["params"] or []
    if not isinstance(params, list):
        _refuse("params is not a list")
    found = Signature(
        _schema(parts["inputs"], "inputs"), _schema(parts["outputs"], "outputs"), tuple(map(_param, params))
    )
    return None if found == Signature() else found


def signature_to(signature: Signature) -> dict[str, str | None]:
    """What :func:`signature_from` reads."""
    inputs, outputs, params = signature.inputs, signature.outputs, signature.params
    return {
        "inputs": None if inputs is None else json.dumps(schema_to(inputs)),
        "outputs": None if outputs is None else json.dumps(schema_to(outputs)),
        "params": json.dumps([_param_to(one) for one in params]) if params else None,
    }


def schema_to(schema: Schema) -> list[dict[str, Any]]:
    """A schema as JSON values."""
    return [_spec_to(one) for one in schema.specs]


def schema_from(items: object) -> Schema:
    """The schema of JSON values.

    Raises:
        MalformedSignature: they are none.
    """
    found = _schema(items, "schema")
    if found is None:
        _refuse("schema is null")
    return found


def _json(document: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401  a JSON value
    text = document.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        _refuse(f"{name} is not a text")
    try:
        return load_json(text)
    except ValueError as error:
        _refuse(f"{name} is not JSON: {error}")


def _schema(items: object, where: str) -> Schema | None:
    if items is None:
        return None
    if not isinstance(items, list):
        _refuse(f"{where} is not a list")
    try:
        return schema_of([_spec(one) for one in items])
    except MalformedSignature:
        raise
    except InvalidValue as error:
        _refuse(f"{where}: {error.message}")


def _spec(item: object) -> Spec:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        _refuse("an input has no type")
    name = item.get("name")
    if name is not None and type(name) not in {str, int}:
        _refuse("the name of an input is no text or number")
    if item["type"] == "tensor":
        return _tensor(item.get("tensor-spec"), None if name is None else str(name))
    required = item.get("required", True)
    return Column(type_from(item), name, required=required is not False)


def _tensor(spec: object, name: str | None) -> Tensor:
    if not isinstance(spec, dict):
        _refuse("a tensor has no tensor-spec")
    dtype, shape = spec.get("dtype"), spec.get("shape")
    if not isinstance(dtype, str) or not isinstance(shape, list):
        _refuse("a tensor has no dtype or no shape")
    if not all(type(size) is int and size >= -1 for size in shape):
        _refuse(f"not a shape: {str(shape)[:80]}")
    return Tensor(dtype, tuple(shape), name)


def type_from(item: Mapping[str, Any], depth: int = 0) -> Type:
    """The type that a JSON object names.

    Raises:
        MalformedSignature: it names none.
    """
    if not isinstance(item, dict) or depth > _DEEPEST:
        _refuse("a type is not an object, or nested too deeply")
    name = item.get("type")
    if name in SCALARS:
        return Scalar(str(name))
    if name == "any":
        return Anything()
    if name == "sparkml_vector":
        return Vector()
    if name == "array":
        return Array(type_from(item.get("items", {}), depth + 1))
    if name == "map":
        return Map(type_from(item.get("values", {}), depth + 1))
    if name == "object" and isinstance(item.get("properties"), dict) and item["properties"]:
        return object_of({key: _property(key, one, depth) for key, one in item["properties"].items()})
    msg = f"no such type: {str(name)[:40]}"
    raise MalformedSignature(msg, hint=f"one of {', '.join(SCALARS)}, array, object, map, any, tensor")


def _property(name: str, item: object, depth: int) -> Property:
    if not isinstance(item, dict):
        _refuse(f"property {name!r} is not an object")
    return Property(name, type_from(item, depth + 1), required=item.get("required", True) is not False)


def type_to(kind: Type) -> dict[str, Any]:
    """A type as JSON values."""
    if isinstance(kind, Array):
        return {"type": "array", "items": type_to(kind.items)}
    if isinstance(kind, Map):
        return {"type": "map", "values": type_to(kind.values)}
    if isinstance(kind, Object):
        members = {one.name: {**type_to(one.type), "required": one.required} for one in kind.properties}
        return {"type": "object", "properties": members}
    return {"type": str(kind)}


def _spec_to(spec: Spec) -> dict[str, Any]:
    name = {} if spec.name is None else {"name": spec.name}
    if isinstance(spec, Tensor):
        described = {"dtype": spec.dtype, "shape": list(spec.shape)}
        return {**name, "type": "tensor", "tensor-spec": described}
    return {**type_to(spec.type), **name, "required": spec.required}


def _param(item: object) -> Param:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        _refuse("a param has no name")
    name, kind, shape = item["name"], item.get("type", item.get("dtype")), item.get("shape")
    if kind == "object":
        found = type_from(item)
        return Param(name, found if isinstance(found, Object) else "string", item.get("default"), None)
    if kind not in SCALARS:
        _refuse(f"param {name!r} has no such type: {str(kind)[:40]}")
    if shape is not None and not isinstance(shape, list):
        _refuse(f"param {name!r} has no such shape: {str(shape)[:40]}")
    default = item.get("default")
    read = [_value(kind, one) for one in default] if isinstance(default, list) else _value(kind, default)
    return Param(name, str(kind), read, None if shape is None else tuple(shape))


def _param_to(param: Param) -> dict[str, Any]:
    shape = None if param.shape is None else list(param.shape)
    if isinstance(param.type, Object):
        return {**type_to(param.type), "name": param.name, "default": param.default, "shape": shape}
    default = param.default
    written = [_written(one) for one in default] if isinstance(default, list) else _written(default)
    return {"name": param.name, "type": param.type, "default": written, "shape": shape}


def _value(kind: object, value: Any) -> Any:  # noqa: ANN401  a JSON value
    """A default as it was before it became JSON."""
    if value is None or not isinstance(value, str):
        return float(value) if kind in {"float", "double"} and type(value) is int else value
    try:
        if kind == "datetime":
            return dt.datetime.fromisoformat(value)
        if kind == "binary":
            return base64.b64decode(value, validate=True)
    except ValueError:
        _refuse(f"not a default of type {kind}: {value[:40]!r}")
    return value


def _written(value: Any) -> Any:  # noqa: ANN401  a Python value
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    return value


def _refuse(reason: str) -> NoReturn:
    msg = f"the signature cannot be read: {reason}"
    raise MalformedSignature(msg, hint="docs/models.md has its form")
