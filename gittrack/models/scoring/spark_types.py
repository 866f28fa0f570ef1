"""Types of Spark by their names, and those that a signature means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.models.flavors.files import library
from gittrack.models.signature.specs import Tensor
from gittrack.models.signature.types import Array, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.models.signature.specs import Schema, Spec
    from gittrack.models.signature.types import Type

_TYPES = {
    "boolean": "boolean",
    "integer": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "string": "string",
    "binary": "binary",
    "datetime": "timestamp",
}
"""Scalar type of a signature to Spark's name for it."""
_DTYPES = {
    **dict.fromkeys(("int8", "int16", "uint8", "int32"), "int"),
    **dict.fromkeys(("uint16", "uint32", "int64", "uint64"), "bigint"),
    **dict.fromkeys(("float16", "float32"), "float"),
    "bool": "boolean",
    "float64": "double",
    "str": "string",
}
"""NumPy's name of a type to Spark's."""


def parsed(kind: Any) -> Mapping[str, str] | str:  # noqa: ANN401
    """A type of Spark as names of types."""
    types = library("pyspark.sql.types", "pyspark")
    if isinstance(kind, str):
        try:
            kind = types._parse_datatype_string(kind)  # noqa: SLF001  it has no other name
        except Exception as error:  # a class of Java's
            msg = f"no type of Spark: {kind[:80]!r}"
            raise InvalidValue(msg, hint="double, array<float>, struct<a: int, b: double>, …") from error
    if isinstance(kind, types.StructType):
        return {field.name: field.dataType.simpleString() for field in kind.fields}
    return str(kind.simpleString())


def type_of(outputs: Schema | None) -> str:
    """The type of the predictions: that of the only output, or a struct of all of them."""
    if outputs is None:
        return "double"
    kinds = [_type(one) for one in outputs.specs]
    if len(kinds) == 1:
        return kinds[0]
    named = [
        f"`{one.name or place}`: {kind}"
        for place, (one, kind) in enumerate(zip(outputs.specs, kinds, strict=True))
    ]
    return f"struct<{', '.join(named)}>"


def _type(spec: Spec) -> str:
    if isinstance(spec, Tensor):
        kind = _DTYPES.get(spec.dtype, "double")
        return "".join(["array<"] * (len(spec.shape) - 1) + [kind] + [">"] * (len(spec.shape) - 1))
    return _nested(spec.type)


def _nested(kind: Type) -> str:
    if isinstance(kind, Scalar):
        return _TYPES[kind.name]
    return f"array<{_nested(kind.items)}>" if isinstance(kind, Array) else "string"
