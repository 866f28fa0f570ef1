"""`python_function`: any object with `predict`, and what other people's loaders load.

An object of ours is a cloudpickle beside a loader of a few lines, so that MLflow loads it without
gittrack. Reading is always by consent: both the pickle and the loader are programs.
"""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import (
    CannotPredict,
    CannotSave,
    MissingLibrary,
    Written,
    check_options,
)
from gittrack.models.flavors.files import CODE, inside, library, modules_of_pickle
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

NAME = "python_function"
_PICKLE = "python_model.pkl"
_LOADER = "gittrack_pyfunc"
_LOADER_CODE = '''"""Loads a model that gittrack wrote, for MLflow and others."""

import pathlib


class _Model:
    def __init__(self, model):
        self._model = model

    def predict(self, data, params=None):
        return self._model.predict(data, **(params or {}))


def _load_pyfunc(path):
    import cloudpickle

    with open(pathlib.Path(path), "rb") as file:
        return _Model(cloudpickle.load(file))
'''


class Pyfunc:
    """An object with `predict(data, **params)`."""

    name = NAME
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it has `predict`."""
        return callable(getattr(model, "predict", None))

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  any object
        """Write `python_model.pkl` and the loader below `code/`."""
        check_options(self, options)
        if not self.takes(model):
            msg = f"a {type(model).__qualname__} has no `predict`"
            raise CannotSave(msg, hint="give an object with predict(data, **params)")
        path = folder / _PICKLE
        try:
            with path.open("wb") as file:
                library("cloudpickle").dump(model, file)
        except (TypeError, AttributeError, ValueError) as error:
            msg = f"the model cannot be pickled: {error}"
            raise CannotSave(msg, hint="leave out what holds open files, locks or connections") from error
        code = folder / CODE
        code.mkdir(exist_ok=True)
        (code / f"{_LOADER}.py").write_text(_LOADER_CODE, encoding="utf-8")
        config = {"loader_module": _LOADER, "data": _PICKLE, "code": CODE}
        return Written({}, config, modules_of_pickle(path), ("cloudpickle",))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """What the loader that `MLmodel` names gives; an object with `predict`."""
        name = config.get("loader_module")
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise MalformedFile(FILE, f"no such loader_module: {str(name)[:80]!r}")
        consent.require(f"running its loader {name}")
        key = "data" if config.get("data") else "model_path"
        data = inside(folder, config, key) if config.get(key) else folder
        more = (config["config"],) if config.get("config") else ()  # MLflow's `model_config`
        try:
            return _loader(name)._load_pyfunc(str(data), *more)  # noqa: SLF001  MLflow's name for it
        except ModuleNotFoundError as error:
            msg = f"the model needs the module {error.name}, which is not installed"
            raise MissingLibrary(msg, hint="its requirements.txt says what it needs") from error

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`."""
        if not callable(getattr(model, "predict", None)):
            msg = f"a {type(model).__qualname__} has no `predict`"
            raise CannotPredict(msg, hint="its loader gives something else")
        return lambda data, params: (
            model.predict(data, params=dict(params)) if params else model.predict(data)
        )


def _loader(name: str) -> Any:  # noqa: ANN401  a module
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        top = name.partition(".")[0]
        msg = f"the model is loaded by {name}, and {top} is not installed"
        raise MissingLibrary(msg, hint=f"pip install {top}") from error


FLAVOR = Pyfunc()
