"""The files of a model of PyTorch: how each form is written and read. See `pytorch`."""

from __future__ import annotations

import contextlib
import pickle
import zipfile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors import torch_class, torch_data
from gittrack.models.flavors.base import CannotSave, Written, comes_from
from gittrack.models.flavors.files import library, modules_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent

FORMS = ("pt2", "pickle", "torchscript", "state_dict")
_EXPORTED = "model.pt2"
_PICKLED = "model.pth"
_UNPICKLED_BY = "pickle_module_info.txt"
_FIRST_SAFE = (2, 10)  # before, `weights_only` could be led round: CVE-2025-32434, CVE-2026-24747


def is_module(model: object) -> bool:
    """Whether it is a `torch.nn.Module`; imports nothing."""
    return _is_a(model, "Module")


def is_exported(model: object) -> bool:
    """Whether it is what `torch.export.export` gives; imports nothing."""
    return _is_a(model, "ExportedProgram")


def form_of(model: object, options: Mapping[str, Any]) -> str:
    """In which form a model is written.

    Raises:
        CannotSave: there is no such form, or it is not one for the model.
    """
    possible = _possible(model)
    usual = possible[0] if possible[0] != "pt2" or is_exported(model) or "example" in options else "pickle"
    form = options.get("serialization_format") or usual
    if form not in FORMS or form not in possible:
        msg = f"a {type(model).__qualname__} cannot be written as {str(form)[:40]!r}"
        raise CannotSave(msg, hint=f"possible: {', '.join(possible)}")
    return form


def _possible(model: object) -> tuple[str, ...]:
    if is_exported(model):
        return ("pt2",)
    if _is_a(model, "ScriptModule"):
        return ("torchscript",)
    if is_module(model):
        return ("pt2", "pickle", "state_dict")
    if isinstance(model, dict) and all(comes_from(one, "torch") for one in model.values()):
        return ("state_dict",)
    msg = f"a {type(model).__qualname__} is no model of PyTorch"
    raise CannotSave(msg, hint="give a torch.nn.Module, an ExportedProgram, or the state_dict of a module")


def _is_a(model: object, name: str) -> bool:
    return any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == "torch" for kind in type(model).__mro__
    )


def _write_exported(model: Any, data: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401
    torch = library("torch")
    program = model if is_exported(model) else _exported(model, options.get("example"))
    torch.export.save(program, str(data / _EXPORTED))
    return torch_class.with_loader(data, frozenset())


def _exported(model: Any, example: Any) -> Any:  # noqa: ANN401
    if example is None:
        msg = "to be exported, a module must be seen at work"
        raise CannotSave(msg, hint="give input_example=…, or serialization_format='pickle' or 'state_dict'")
    torch = library("torch")
    positional, named = torch_data.arguments(example)
    positional = tuple(map(_two_rows, positional))
    named = {name: _two_rows(one) for name, one in named.items()}
    shapes = (tuple(map(_any_rows, positional)), {name: _any_rows(one) for name, one in named.items()})
    dynamic = shapes[1] if named else shapes[0]
    training = [one for one in model.modules() if one.training]
    model.eval()
    try:
        return torch.export.export(model, positional, named, dynamic_shapes=dynamic)
    except Exception as error:  # whatever a tracer meets in somebody's code
        msg = f"the module cannot be exported: {str(error).splitlines()[0] if str(error) else error!r}"
        raise CannotSave(msg, hint="use serialization_format='pickle' or 'state_dict'") from error
    finally:
        for one in training:
            one.training = True


def _two_rows(tensor: Any) -> Any:  # noqa: ANN401
    """One row as two: a graph that was traced with one row takes no more than one."""
    return tensor.repeat(2, *[1] * (tensor.dim() - 1)) if tensor.dim() and tensor.shape[0] == 1 else tensor


def _any_rows(tensor: Any) -> Any:  # noqa: ANN401
    return {0: library("torch").export.Dim.AUTO} if tensor.dim() else None


def _write_script(model: Any, data: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401, ARG001  has none
    library("torch").jit.save(model, str(data / _PICKLED))
    (data / _UNPICKLED_BY).write_text("pickle", encoding="utf-8")
    return Written({}, _by_mlflow())


def _write_pickle(model: Any, data: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401, ARG001  has none
    path = data / _PICKLED
    try:
        library("torch").save(model, str(path), pickle_module=library("cloudpickle"))
    except (pickle.PicklingError, TypeError, AttributeError, ValueError) as error:
        msg = f"the module cannot be pickled: {error}"
        raise CannotSave(msg, hint="use serialization_format='pt2' or 'state_dict'") from error
    (data / _UNPICKLED_BY).write_text("pickle", encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.endswith("/data.pkl"))
        with archive.open(name) as file:
            modules = modules_in(file)
    return Written({}, _by_mlflow(), modules, ("cloudpickle",))


def _by_mlflow() -> Mapping[str, Any]:
    return {"loader_module": "mlflow.pytorch", "pickle_module_name": "pickle", "config": {"device": None}}


def _read_exported(path: Path, consent: Consent) -> Any:  # noqa: ANN401
    consent.require(f"running the graph {path.name}")
    return library("torch").export.load(str(path)).module()


def _read_pickle(path: Path, consent: Consent) -> Any:  # noqa: ANN401
    consent.require(f"unpickling or running {path.name}")
    torch = library("torch")
    if _is_script(path):
        return torch.jit.load(str(path), map_location="cpu").eval()
    return torch.load(str(path), map_location="cpu", weights_only=False, pickle_module=pickle).eval()


def _is_script(path: Path) -> bool:
    """As `torch.load` tells them apart: TorchScript keeps its constants in a file of their own."""
    with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else contextlib.nullcontext() as archive:
        return archive is not None and any(one.endswith("/constants.pkl") for one in archive.namelist())


def _read_weights(path: Path, consent: Consent) -> Any:  # noqa: ANN401
    torch = library("torch")
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) < _FIRST_SAFE:
        consent.require(f"unpickling {path.name}, which PyTorch below 2.10 does not do safely")
    try:
        weights = torch.load(str(path), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise MalformedFile(path.name, "it holds something else than weights") from error
    return torch_class.rebuilt(path.parent, weights, consent)


WRITERS: Mapping[str, Callable[[Any, Path, Mapping[str, Any]], Written]] = MappingProxyType(
    {
        "pt2": _write_exported,
        "pickle": _write_pickle,
        "torchscript": _write_script,
        "state_dict": torch_class.write_weights,
    }
)
READERS: Mapping[str, Callable[[Path, Consent], Any]] = MappingProxyType(
    {_EXPORTED: _read_exported, _PICKLED: _read_pickle, torch_class.WEIGHTS: _read_weights}
)
