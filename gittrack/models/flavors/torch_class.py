"""Weights of PyTorch with the name of the class that takes them, and the loader for MLflow."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.text import load_json
from gittrack.models.flavors.base import CannotSave, MissingLibrary, Written
from gittrack.models.flavors.files import CODE, library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent

WEIGHTS = "state_dict.pth"
"""MLflow's name for it."""
_CLASS = "model_class.json"
_LOADER = "gittrack_pytorch"
_LOADER_CODE = '''"""Loads a model of PyTorch that gittrack wrote, for MLflow and others."""

import importlib
import json
import pathlib


class _Model:
    def __init__(self, module):
        self._module = module

    def get_raw_model(self):
        return self._module

    def predict(self, data, params=None):
        import numpy
        import pandas
        import torch

        def tensor(value):
            return torch.from_numpy(numpy.require(value, requirements=["C", "W"]))

        def plain(value):
            if isinstance(value, (tuple, list)):
                return tuple(map(plain, value))
            if isinstance(value, dict):
                return {name: plain(one) for name, one in value.items()}
            return value.numpy()

        with torch.no_grad():
            if isinstance(data, dict):
                found = self._module(**{name: tensor(one) for name, one in data.items()}, **(params or {}))
            elif isinstance(data, pandas.DataFrame):
                found = self._module(tensor(data.to_numpy(dtype=numpy.float32)), **(params or {}))
                return pandas.DataFrame(found.numpy(), index=data.index)
            else:
                found = self._module(tensor(data), **(params or {}))
            return plain(found)


def _load_pyfunc(path):
    import torch

    folder = pathlib.Path(path)
    if (folder / "model.pt2").exists():
        return _Model(torch.export.load(str(folder / "model.pt2")).module())
    about = json.loads((folder / "model_class.json").read_text("utf-8"))
    found = importlib.import_module(about["module"])
    for name in about["name"].split("."):
        found = getattr(found, name)
    module = found(**about["kwargs"])
    module.load_state_dict(torch.load(str(folder / "state_dict.pth"), map_location="cpu", weights_only=True))
    return _Model(module.eval())
'''


def with_loader(data: Path, modules: frozenset[str]) -> Written:
    """Write the loader below `code/`, beside the folder of the data."""
    code = data.parent / CODE
    code.mkdir(exist_ok=True)
    (code / f"{_LOADER}.py").write_text(_LOADER_CODE, encoding="utf-8")
    return Written({}, {"loader_module": _LOADER, "code": CODE}, modules)


def write_weights(model: Any, data: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  module or weights
    """Write `state_dict.pth`, and for a module its class with the arguments to build it again.

    Raises:
        CannotSave: the class cannot be imported, or wants other arguments.
    """
    torch = library("torch")
    if isinstance(model, dict):
        torch.save(model, str(data / WEIGHTS))
        return Written({}, None)
    kind, given = type(model), dict(options.get("model_kwargs") or {})
    _check(kind, given)
    about = {"module": kind.__module__, "name": kind.__qualname__, "kwargs": given}
    try:
        content = json.dumps(about, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        msg = f"model_kwargs: {error}"
        raise CannotSave(msg, hint="give JSON values") from error
    torch.save(model.state_dict(), str(data / WEIGHTS))
    (data / _CLASS).write_text(f"{content}\n", encoding="utf-8")
    return with_loader(data, frozenset({kind.__module__}))


def rebuilt(data: Path, weights: Any, consent: Consent) -> Any:  # noqa: ANN401
    """The module that takes the weights; they themselves where they came without a class.

    Raises:
        NotTrusted: there is a class, and nobody has agreed.
        MalformedFile, MissingLibrary: it cannot be made.
    """
    path = data / _CLASS
    if not path.exists():
        return weights
    about = load_json(path.read_bytes())
    parts = [about.get("module"), about.get("name")] if isinstance(about, dict) else [None]
    if not all(isinstance(one, str) and one.replace(".", "x").isidentifier() for one in parts):
        raise MalformedFile(_CLASS, "it names no class")
    module, name = map(str, parts)
    consent.require(f"importing {module} and making a {name}")
    made = _class(module, name)(**about.get("kwargs") or {})
    made.load_state_dict(weights)
    return made.eval()


def _class(module: str, name: str) -> Any:  # noqa: ANN401
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        msg = f"the class {name} is in {module}, which cannot be imported: no module {error.name}"
        raise MissingLibrary(msg, hint="install it, or save the model with code_paths=…") from error
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _check(kind: type, given: Mapping[str, Any]) -> None:
    named = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__ == "__main__" or "<" in kind.__qualname__:
        msg = f"{named} cannot be imported by others"
        raise CannotSave(msg, hint="move the class to a module of its own, and name that in code_paths=…")
    try:
        inspect.signature(kind).bind(**given)
    except TypeError as error:
        msg = f"{named} cannot be built again: {error}"
        raise CannotSave(msg, hint="give model_kwargs={…}, as the class was called") from error
