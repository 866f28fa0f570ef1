"""What a model is, as JSON has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.models.digest import model_digest
from gittrack.models.needs import REQUIREMENTS
from gittrack.models.saved import read_model
from gittrack.models.signature.specs import Column
from gittrack.models.signature.text import schema_to
from gittrack.models.trust import is_trusted

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.models.signature.specs import Param, Schema


def described(folder: Path, called: str | None = None) -> dict[str, Any]:
    """Flavors, signature, run, requirements, size and digest of a model; nothing of it is loaded.

    Args:
        folder: with its `MLmodel`.
        called: how it was asked for, where the folder is a temporary one; it is shown as `path`.

    Raises:
        MalformedFile: it cannot be read.
        OSError: a file cannot be read.
    """
    found = read_model(folder)
    digest = model_digest(folder)
    signature = found.signature
    requirements = folder / REQUIREMENTS
    return {
        "path": called or str(folder),
        "digest": digest,
        "trusted": is_trusted(digest),
        "flavors": {name: dict(config) for name, config in found.flavors.items()},
        "run_id": found.run_id,
        "artifact_path": found.artifact_path,
        "created": found.utc_time_created,
        "written_by": f"mlflow {found.mlflow_version}" if found.mlflow_version else "gittrack",
        "size": found.size,
        "inputs": _schema(signature.inputs) if signature else None,
        "outputs": _schema(signature.outputs) if signature else None,
        "params": [_param(one) for one in signature.params] if signature else [],
        "requirements": requirements.read_text(encoding="utf-8").split("\n")[:-1]
        if requirements.is_file()
        else [],
        "metadata": dict(found.metadata),
    }


def _schema(schema: Schema | None) -> list[dict[str, Any]] | None:
    if schema is None:
        return None
    texts = [
        str(one.type) if isinstance(one, Column) else f"{one.dtype} {list(one.shape)}" for one in schema.specs
    ]
    return [{**spec, "text": text} for spec, text in zip(schema_to(schema), texts, strict=True)]


def _param(param: Param) -> dict[str, Any]:
    kind = str(param.type) if param.shape is None else f"list of {param.type}"
    return {"name": param.name, "type": kind, "default": param.default}
