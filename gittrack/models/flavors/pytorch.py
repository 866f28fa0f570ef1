"""PyTorch: exported graphs (`.pt2`), TorchScript, pickles, and weights, alone or with their class.

Only weights alone load freely, by `torch.load(weights_only=True)`. What else there is runs code: a pickle,
a class, TorchScript ("there is no safe mode", say its authors), and `torch.export.load` too, which unpickles
parts of its archive and gives expressions in it to `eval`.

Files as in MLflow 3.17 (`mlflow/pytorch/__init__.py`): `data/model.pt2`, or `data/model.pth` with the name
of the module that unpickles it in `data/pickle_module_info.txt`. Earlier versions know no `.pt2` and none
knows weights with a class, so these two come with a loader of a few lines.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors import torch_data, torch_files
from gittrack.models.flavors.base import CannotPredict, Written, check_options
from gittrack.models.flavors.files import inside, library
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_DATA = "data"


class Pytorch:
    """`torch.nn.Module`, a `ScriptModule` of TorchScript, an `ExportedProgram`, or a `state_dict`."""

    name = "pytorch"
    options: Mapping[str, str] = MappingProxyType(
        {
            "serialization_format": "pt2 (default with an example), pickle (without one), state_dict",
            "example": "data to trace a module with; the input example when not given",
            "model_kwargs": "of its class, JSON values, to build it again for a state_dict",
        }
    )

    def takes(self, model: object) -> bool:
        """Whether it is a module or an exported program; imports nothing."""
        return torch_files.is_module(model) or torch_files.is_exported(model)

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a module
        """Write `data/model.pt2`, `data/model.pth` or `data/state_dict.pth`."""
        check_options(self, options)
        torch = library("torch")
        form = torch_files.form_of(model, options)
        data = folder / _DATA
        data.mkdir()
        wrote = torch_files.WRITERS[form](model, data, options)
        pyfunc = None if wrote.pyfunc is None else {"data": _DATA, **wrote.pyfunc}
        config = {
            "model_data": _DATA,
            "pytorch_version": str(torch.__version__),
            "serialization_format": form,
            "code": None,
        }
        return Written(config, pyfunc, wrote.modules, ("torch", "numpy", *wrote.distributions))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The module, ready to predict, on the CPU; or the weights as they were."""
        library("torch")
        data = inside(folder, config, "model_data")
        for name, reader in torch_files.READERS.items():
            if (data / name).exists():
                return reader(inside(folder, {"file": f"{config['model_data']}/{name}"}, "file"), consent)
        names = ", ".join(torch_files.READERS)
        raise MalformedFile(FILE, f"`model_data` holds none of {names}")

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Calls the module, on the device where it is; a mapping names its arguments."""
        if isinstance(model, dict):
            msg = "weights alone do not predict"
            raise CannotPredict(msg, hint="load_model(…).native is the state_dict, for load_state_dict")
        module = model.module() if torch_files.is_exported(model) else model
        return lambda data, params: torch_data.predict(module, data, params)


FLAVOR = Pytorch()
