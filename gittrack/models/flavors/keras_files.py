"""Files that Keras wrote: what a `.keras` archive would do when it is loaded, and the loading."""

from __future__ import annotations

import contextlib
import importlib
import zipfile
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.text import load_json
from gittrack.models.flavors.base import CannotPredict
from gittrack.models.flavors.files import library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from gittrack.models.flavors.base import Consent, Predict

SUFFIX = ".keras"
_LARGEST = 100_000_000  # bytes of the configuration in an archive
_CODE = ("Lambda", "__lambda__")  # names of classes whose configuration is Python bytecode
_HARMLESS = ("keras", "builtins")  # Keras looks both up among its own, whatever their module says


def keras_library() -> ModuleType:
    """Keras 3 with a backend.

    Raises:
        MissingLibrary: one of them is not installed.
    """
    try:
        return library("keras")
    except ModuleNotFoundError as error:  # of a backend: only Keras names it
        library(str(error.name).partition(".")[0], "tensorflow-cpu" if error.name == "tensorflow" else None)
        raise


def read_keras(path: Path, consent: Consent, *, code: bool = False) -> Any:  # noqa: ANN401  a Keras model
    """The model in a file.

    Args:
        path: a `.keras` archive, or an `.h5` of older versions.
        consent: asked where the file holds code, or classes that are not those of Keras, and for `.h5`.
        code: whether it was asked already, and code may run.

    Raises:
        NotTrusted: it would run code.
        MalformedFile: it is no archive of Keras.
    """
    foreign: set[str] = set()
    if path.suffix != SUFFIX:
        consent.require(f"reading {path.name}, whose format may hold code,")
        code = True
    elif not code:
        foreign = _foreign(path)
        if foreign:
            shown = ", ".join(sorted(foreign)[:3]) + (" and others" if len(foreign) > 3 else "")  # noqa: PLR2004  shown
            consent.require(f"making {shown} from {path.name}")
            code = True
    keras = keras_library()
    for name in sorted(foreign):
        _register(name.rpartition(".")[0])
    return keras.saving.load_model(path, safe_mode=not code)


def _register(module: str) -> None:
    """Import what registers classes of its own, if it can be had; Keras says which one it lacks."""
    if module and all(part.isidentifier() for part in module.split(".")):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


def _foreign(path: Path) -> set[str]:
    """What a `.keras` archive names that is not Keras's own: classes and lambdas; nothing is loaded."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > _LARGEST:
                raise MalformedFile(path.name, "its configuration is too large")
            return set(_named(load_json(archive.read("config.json"))))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise MalformedFile(path.name, f"not an archive of Keras: {error}") from error


def _named(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        name, module = value.get("class_name"), value.get("module")
        if name in _CODE:
            yield "a lambda"
        elif isinstance(module, str) and module.partition(".")[0] not in _HARMLESS:
            yield f"{module}.{name}"
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)


def keras_predictor(model: Any) -> Predict:  # noqa: ANN401  a Keras model
    """Tables and arrays to what the model gives for them; tables to tables, as MLflow does it."""

    def predict(data: Any, params: Any) -> Any:  # noqa: ANN401
        import pandas as pd

        if isinstance(data, pd.DataFrame):
            return pd.DataFrame(model.predict(data.to_numpy(), verbose=0, **params), index=data.index)
        return model.predict(data, verbose=0, **params)

    if not hasattr(model, "predict"):
        msg = f"a {type(model).__qualname__} has no `predict`"
        raise CannotPredict(msg, hint="load_model(…).native is the model itself")
    return predict
