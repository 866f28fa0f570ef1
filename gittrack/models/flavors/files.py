"""Files of a model by the names that its `MLmodel` gives, which anybody may have written."""

from __future__ import annotations

import importlib
import pickletools
import zipfile
from typing import IO, TYPE_CHECKING, Any

from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import MalformedFile
from gittrack.core.text import load_json
from gittrack.models.flavors.base import MissingLibrary
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

CODE = "code"
"""The folder of what a model imports."""
_LARGEST = 100_000_000  # bytes of the schema of a skops file


def inside(folder: Path, config: Mapping[str, Any], key: str) -> Path:
    """The file or folder that a key of a flavor names.

    Raises:
        MalformedFile: there is none, or it is outside of the model.
    """
    name = config.get(key)
    if not isinstance(name, str) or not is_safe(name.rstrip("/")):
        raise MalformedFile(FILE, f"`{key}` names no file of the model: {str(name)[:80]!r}")
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise MalformedFile(FILE, f"`{key}` leads out of the model: {name!r}")
    if not path.exists():
        raise MalformedFile(FILE, f"`{key}` names {name!r}, which is not there")
    return path


def library(name: str, distribution: str | None = None) -> ModuleType:
    """A library that a flavor needs.

    Raises:
        MissingLibrary: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        wanted = distribution or name
        msg = f"{wanted} is not installed"
        raise MissingLibrary(msg, hint=f"pip install {wanted}") from error


def modules_of_pickle(path: Path) -> frozenset[str]:
    """The modules that a pickle names; it is looked at, not loaded."""
    with path.open("rb") as file:
        return modules_in(file)


def modules_in(pickled: IO[bytes]) -> frozenset[str]:
    """The same of a stream."""
    found: set[str] = set()
    texts: list[str] = []
    for code, value, _ in pickletools.genops(pickled):
        if code.name in {"GLOBAL", "INST"} and isinstance(value, str):
            found.add(value.partition(" ")[0])
        elif code.name == "STACK_GLOBAL" and len(texts) > 1:
            found.add(texts[-2])
        elif isinstance(value, str):
            texts.append(value)
    return frozenset(found)


def modules_of_skops(path: Path) -> frozenset[str]:
    """The modules that a file of skops names."""
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("schema.json").file_size > _LARGEST:
            raise MalformedFile(path.name, "its schema is too large")
        schema = load_json(archive.read("schema.json"))
    return frozenset(_named(schema))


def _named(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        module = value.get("__module__")
        if isinstance(module, str):
            yield module
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
