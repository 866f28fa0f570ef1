"""Files that describe projects, models and settings, held against their formats."""

from __future__ import annotations

import difflib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from gittrack.core import config_file
from gittrack.core.config import nearest
from gittrack.core.config_keys import KEYS, expected, parse
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.core.text import load
from gittrack.store.format.file_checks import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LARGEST = 10_000_000  # bytes
_MODEL_KEYS = (
    "artifact_path",
    "auth_policy",
    "databricks_runtime",
    "env_vars",
    "flavors",
    "is_signature_from_type_hint",
    "metadata",
    "mlflow_version",
    "model_id",
    "model_size_bytes",
    "model_uuid",
    "prompts",
    "resources",
    "run_id",
    "saved_input_example_info",
    "signature",
    "type_hint_from_example",
    "utc_time_created",
)
"""Source: `mlflow.models.Model.to_dict` of MLflow 3."""
_TEXTS = ("artifact_path", "mlflow_version", "model_uuid", "run_id", "utc_time_created")
_FILES = ("data", "pickled_model", "model_path", "code", "model_code_path")


def check_projects(paths: Iterable[Path]) -> Iterator[Problem]:
    """What is wrong with MLproject files."""
    from gittrack.launch.projects import project  # the hooks that do not look at projects must not pay

    for path in paths:
        for problem in project.validate(path.parent):
            hint = f" ({problem.hint})" if problem.hint else ""
            text = f"{problem.message}{hint}"
            yield Problem(str(path), problem.line, text, "warning" if problem.kind == "warning" else "error")


def check_settings(paths: Iterable[Path]) -> Iterator[Problem]:
    """What is wrong with `gittrack.yaml` files: keys that are none, values that are none."""
    for path in paths:
        try:
            document = config_file.read(_read(path))
        except MalformedFile as error:
            yield Problem(str(path), None, error.reason)
            continue
        for name in document.unknown:
            guess = nearest(name)
            meant = f", did you mean {guess}?" if guess else ""
            yield Problem(str(path), _line(document, name), f"unknown key {name}{meant}")
        for name, value in document.values.items():
            try:
                parse(KEYS[name], value)
            except ValueError as error:
                hint = expected(KEYS[name])
                yield Problem(str(path), _line(document, name), f"{name} is {error} ({hint})")


def _line(document: config_file.Document, name: str) -> int | None:
    while name and name not in document.lines:
        name = name.rpartition(".")[0]
    return document.lines.get(name)


def check_models(paths: Iterable[Path]) -> Iterator[Problem]:
    """What is wrong with MLmodel files: their keys, their signature, the files that they name."""
    for path in paths:
        try:
            document = load(_read(path), where=str(path))
        except MalformedFile as error:
            yield Problem(str(path), None, error.reason)
            continue
        for message, severity in _model(document, path.parent):
            yield Problem(str(path), None, message, "warning" if severity == "warning" else "error")


def _model(document: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    for key in document:
        if key not in _MODEL_KEYS:
            near = difflib.get_close_matches(key, _MODEL_KEYS, n=1)
            yield f"unknown key {key}" + (f", did you mean {near[0]}?" if near else ""), "warning"
    for key in _TEXTS:
        if not isinstance(document.get(key, ""), (str, type(None))):
            yield f"{key} is not a text", "error"
    flavors = document.get("flavors")
    if not isinstance(flavors, dict) or not flavors:
        yield "flavors is missing, or not a mapping of at least one flavor", "error"
        return
    for name, flavor in flavors.items():
        if isinstance(flavor, dict):
            yield from ((message, "error") for message in _flavor(str(name), flavor, folder))
        else:
            yield f"flavors.{name} is not a mapping", "error"
    yield from ((message, "error") for message in _signature(document.get("signature")))


def _flavor(name: str, flavor: Mapping[str, Any], folder: Path) -> Iterator[str]:
    named = {key: flavor[key] for key in _FILES if isinstance(flavor.get(key), str)}
    env = flavor.get("env")
    named |= {f"env.{key}": value for key, value in env.items()} if isinstance(env, dict) else {}
    if isinstance(env, str):
        named["env"] = env
    for key, value in named.items():
        if not isinstance(value, str) or not _stays(value):
            yield f"flavors.{name}.{key} leaves the folder of the model: {str(value)[:80]!r}"
        elif not (folder / value).exists():
            yield f"flavors.{name}.{key} names {value}, which is not there"


def _stays(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\\" not in path and path.isprintable()


def _signature(signature: object) -> Iterator[str]:
    if signature is None:
        return
    if not isinstance(signature, dict):
        yield "signature is not a mapping"
        return
    for key in ("inputs", "outputs", "params"):
        text = signature.get(key)
        try:
            found = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            yield f"signature.{key} is not JSON"
            continue
        if found is not None and not isinstance(found, list):
            yield f"signature.{key} is not a JSON list"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise GitTrackError(msg) from error
    if len(data) > _LARGEST:
        raise MalformedFile(str(path), "too long to be one")
    return data
