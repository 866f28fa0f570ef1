"""The `MLmodel` file: YAML ↔ value; pure.

Keys as MLflow 1.0 to 3.17 write them. What this version does not know is kept and written again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.text import load
from gittrack.core.value import dataclass, field
from gittrack.core.yaml_reader import write_yaml
from gittrack.models.signature.text import MalformedSignature, signature_from, signature_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.models.signature.specs import Signature

FILE = "MLmodel"
PYFUNC = "python_function"
_LARGEST = 10_000_000  # bytes
_TEXTS = ("run_id", "artifact_path", "utc_time_created", "model_uuid", "model_id", "mlflow_version")


@dataclass(frozen=True, slots=True)
class MLModel:
    """What a model says of itself.

    Attributes:
        flavors: name to what the flavor needs to load it.
        signature: what it takes and gives.
        run_id: the run that made it.
        artifact_path: where it is among the artifacts of that run.
        utc_time_created: `2026-11-24 03:43:13.123456`.
        model_uuid: of this model alone.
        model_id: the same where MLflow 3 has logged it.
        mlflow_version: what wrote it, None where gittrack did.
        size: bytes of its files.
        example: `saved_input_example_info`, None without one.
        metadata: what its author added.
        extra: keys that this version does not know.
    """

    flavors: Mapping[str, Mapping[str, Any]]
    signature: Signature | None = None
    run_id: str | None = None
    artifact_path: str | None = None
    utc_time_created: str | None = None
    model_uuid: str | None = None
    model_id: str | None = None
    mlflow_version: str | None = None
    size: int | None = None
    example: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


_OTHERS = {
    "flavors": "flavors",
    "signature": "signature",
    "model_size_bytes": "size",
    "saved_input_example_info": "example",
    "metadata": "metadata",
}


def parse(content: bytes, name: str = FILE) -> MLModel:
    """The model that a file describes.

    Args:
        content: of the file.
        name: of the file, for messages.

    Raises:
        MalformedFile: it describes none.
    """
    if len(content) > _LARGEST:
        raise MalformedFile(name, f"larger than {_LARGEST:,} bytes")
    document = load(content, where=name)
    flavors = document.get("flavors")
    if not isinstance(flavors, dict) or not all(isinstance(one, dict) for one in flavors.values()):
        raise MalformedFile(name, "it has no mapping `flavors`")
    try:
        signature = signature_from(_mapping(document, "signature", name))
    except MalformedSignature as error:
        raise MalformedFile(name, error.message) from error
    texts = {key: _text(document, key, name) for key in _TEXTS}
    size = document.get("model_size_bytes")
    known = {*_TEXTS, *_OTHERS}
    return MLModel(
        flavors,
        signature,
        **texts,
        size=size if type(size) is int else None,
        example=_mapping(document, "saved_input_example_info", name),
        metadata=_mapping(document, "metadata", name) or {},
        extra={key: value for key, value in document.items() if key not in known},
    )


def write(model: MLModel) -> bytes:
    """The content of the file: keys in MLflow's order, the alphabet."""
    document: dict[str, Any] = {key: getattr(model, key) for key in _TEXTS}
    document |= {key: getattr(model, name) for key, name in _OTHERS.items() if key != "signature"}
    document["signature"] = None if model.signature is None else signature_to(model.signature)
    document |= model.extra
    kept = {key: value for key, value in sorted(document.items()) if value is not None and value != {}}
    return write_yaml({**kept, "flavors": {name: dict(one) for name, one in model.flavors.items()}})


def _mapping(document: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any] | None:
    value = document.get(key)
    if value is not None and not isinstance(value, dict):
        raise MalformedFile(name, f"`{key}` is not a mapping")
    return value


def _text(document: Mapping[str, Any], key: str, name: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, (str, int, float)):
        raise MalformedFile(name, f"`{key}` is not a text")
    return None if value is None else str(value)
