"""Models of several libraries, saved by gittrack and loaded by MLflow, and the other way round.

Used by the suites of `tests/frameworks/mlflow*`, in whose environments the libraries are.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import gittrack
from gittrack.core.yaml_reader import write_yaml
from gittrack.models.flavors.base import MissingLibrary, NotTrusted
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before MLflow is imported

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame(RANDOM.normal(size=(40, 3)), columns=["a", "b", "c"])
ARRAY = TABLE.to_numpy(dtype="float32")
NUMBERS = TABLE["a"] * 2 + TABLE["b"]
CLASSES = (NUMBERS > 0).astype(int)


class Case(NamedTuple):
    """A model, and how it is saved.

    Attributes:
        flavor: the module of MLflow, and the flavor.
        make: gives it.
        choices: of gittrack's `save_model`, or of MLflow's.
        data: to predict on.
        free: whether it loads without consent.
        native: whether MLflow's module for the library loads what gittrack saves.
    """

    flavor: str
    make: Callable[[], Any]
    choices: Mapping[str, Any] = {}
    data: Any = TABLE
    free: bool = False
    native: bool = True


class Plus:
    """A model of no library."""

    def predict(self, data: Any, more: int = 1) -> Any:
        """Add to a column."""
        return data["a"] + more


def _sklearn() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression()).fit(TABLE, CLASSES)


def _xgb_booster() -> Any:
    import xgboost

    return xgboost.train({"nthread": 1}, xgboost.DMatrix(TABLE, NUMBERS), 3)


def _xgb() -> Any:
    import xgboost

    return xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(TABLE, CLASSES)


def _lgb_booster() -> Any:
    import lightgbm

    choices = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    return lightgbm.train(choices, lightgbm.Dataset(TABLE, NUMBERS), 3)


def _lgb() -> Any:
    import lightgbm

    made = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1, min_child_samples=5)
    return made.fit(TABLE, CLASSES)


def _cat() -> Any:
    import catboost

    made = catboost.CatBoostRegressor(iterations=3, thread_count=1, verbose=False, allow_writing_files=False)
    return made.fit(TABLE, NUMBERS)


def _statsmodels() -> Any:
    import statsmodels.api as sm

    return sm.OLS(NUMBERS, TABLE).fit()


def _onnx() -> Any:
    from onnx import TensorProto, helper

    described = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "g", described[:1], described[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@lru_cache
def _torch() -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.9), nn.Linear(4, 2)).eval()


def _torch_class() -> Any:
    from torch import nn

    return nn.Linear(3, 2)


def _script() -> Any:
    import torch

    return torch.jit.script(_torch())


def _as(form: str, **more: Any) -> dict[str, Any]:
    return {"serialization_format": form, **more}


_LINEAR = {"in_features": 3, "out_features": 2}
OURS = {
    "sklearn-skops": Case("sklearn", _sklearn, free=True),
    "sklearn-pickle": Case("sklearn", _sklearn, _as("pickle")),
    "sklearn-cloudpickle": Case("sklearn", _sklearn, _as("cloudpickle")),
    "xgboost-booster": Case("xgboost", _xgb_booster, free=True),
    "xgboost-estimator": Case("xgboost", _xgb, {"model_format": "json"}, free=True),
    "lightgbm-booster": Case("lightgbm", _lgb_booster, free=True),
    "lightgbm-skops": Case("lightgbm", _lgb),
    "lightgbm-cloudpickle": Case("lightgbm", _lgb, _as("cloudpickle")),
    "catboost": Case("catboost", _cat, free=True),
    "statsmodels": Case("statsmodels", _statsmodels),
    "onnx": Case("onnx", _onnx, data=ARRAY, free=True),
    "onnx-table": Case("onnx", _onnx, {"input_example": ARRAY}, data=ARRAY, free=True),
    "pytorch-pt2": Case("pytorch", _torch, _as("pt2"), data=ARRAY),
    "pytorch-pickle": Case("pytorch", _torch, _as("pickle"), data=ARRAY),
    "pytorch-script": Case("pytorch", _script, data=ARRAY),
    "pytorch-state_dict": Case(
        "pytorch", _torch_class, _as("state_dict", model_kwargs=_LINEAR), data=ARRAY, native=False
    ),
    "python_function": Case("pyfunc", Plus, {"params": {"more": 1}}, native=False),
}
"""What gittrack saves."""

THEIRS = {
    "sklearn": Case("sklearn", _sklearn),
    "sklearn-pickle": Case("sklearn", _sklearn, _as("pickle")),
    "sklearn-cloudpickle": Case("sklearn", _sklearn, _as("cloudpickle")),
    "xgboost-booster": Case("xgboost", _xgb_booster, free=True),
    "xgboost-estimator": Case("xgboost", _xgb, free=True),
    "lightgbm-booster": Case("lightgbm", _lgb_booster, free=True),
    "lightgbm-estimator": Case("lightgbm", _lgb),
    "catboost": Case("catboost", _cat, free=True),
    "statsmodels": Case("statsmodels", _statsmodels),
    "onnx": Case("onnx", _onnx, data=ARRAY, free=True),
    "pytorch": Case("pytorch", _torch, data=ARRAY),
    "pytorch-script": Case("pytorch", _script, data=ARRAY),
}
"""What MLflow saves."""


def same(found: Any, wanted: Any) -> None:
    """See that predictions are equal."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            same(found[name], value)
        return
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=1e-5)


def _python_model(folder: Path) -> dict[str, Any]:
    """An object with a file of its own, a configuration and params."""
    from mlflow.pyfunc import PythonModel

    class Scaled(PythonModel):  # type: ignore[misc]  # MLflow is not installed here
        def load_context(self, context: Any) -> None:
            with open(context.artifacts["factor"], encoding="utf-8") as file:  # noqa: PTH123  MLflow gives a text
                self.factor = float(file.read()) * context.model_config["more"]

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:  # noqa: ARG002  MLflow's
            return model_input["a"] * self.factor

    (folder / "factor.txt").write_text("3")
    return {
        "python_model": Scaled(),
        "artifacts": {"factor": str(folder / "factor.txt")},
        "model_config": {"more": 2},
    }


def _from_code(folder: Path) -> dict[str, Any]:
    """A program that says which model it is."""
    path = folder / "program.py"
    path.write_text(
        "import mlflow\n"
        "class Twice(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        return model_input['a'] * 2\n"
        "mlflow.models.set_model(Twice())\n"
    )
    return {"python_model": str(path)}


def _by_loader(folder: Path) -> dict[str, Any]:
    """Somebody's loader with its data."""
    (folder / "their_loader.py").write_text(
        "import pathlib\n"
        "class Model:\n"
        "    def __init__(self, factor):\n"
        "        self.factor = factor\n"
        "    def predict(self, data):\n"
        "        return data['a'] * self.factor\n"
        "def _load_pyfunc(path):\n"
        "    return Model(float(pathlib.Path(path).read_text()))\n"
    )
    (folder / "factor.txt").write_text("3")
    return {
        "loader_module": "their_loader",
        "data_path": str(folder / "factor.txt"),
        "code_paths": [str(folder / "their_loader.py")],
    }


PROGRAMS = {"python_model": _python_model, "models from code": _from_code, "loader_module": _by_loader}
"""What MLflow saves as `python_function` alone."""


def check_program(name: str, folder: Path) -> None:
    """Gittrack runs by consent what MLflow saved as a program."""
    pyfunc = import_module("mlflow.pyfunc")
    folder.mkdir()
    path = folder / "model"
    pyfunc.save_model(path=str(path), pip_requirements=["pandas"], **PROGRAMS[name](folder))
    with pytest.raises(NotTrusted):
        gittrack.load_model(path)
    loaded = gittrack.load_model(path, trust=True)
    same(loaded.predict(TABLE), pyfunc.load_model(str(path)).predict(TABLE))


def check_missing(folder: Path) -> None:
    """What a loader of MLflow needs and is not installed is named."""
    folder.mkdir()
    (folder / "model.pr").write_text("{}")
    flavors = {"prophet": {}, "python_function": {"loader_module": "mlflow.prophet", "data": "model.pr"}}
    (folder / "MLmodel").write_bytes(write_yaml({"flavors": flavors}))
    with pytest.raises(MissingLibrary, match="needs the module prophet"):
        gittrack.load_model(folder, trust=True)


def check_ours(case: Case, folder: Path) -> None:
    """MLflow predicts with what gittrack saved as gittrack does."""
    pyfunc = import_module("mlflow.pyfunc")
    gittrack.save_model(case.make(), folder, **{"input_example": case.data, **case.choices})
    wanted = gittrack.load_model(folder).predict(case.data)
    loaded = pyfunc.load_model(str(folder))
    assert loaded.metadata.signature is not None
    same(loaded.predict(case.data), wanted)
    if case.native:
        assert import_module(f"mlflow.{case.flavor}").load_model(str(folder)) is not None


def check_theirs(case: Case, folder: Path) -> None:
    """Gittrack predicts with what MLflow saved as MLflow does."""
    models, pyfunc = import_module("mlflow.models"), import_module("mlflow.pyfunc")
    save = partial(import_module(f"mlflow.{case.flavor}").save_model, path=str(folder))
    signature = models.infer_signature(case.data)
    save(case.make(), signature=signature, pip_requirements=["pandas"], **case.choices)
    trust_file().unlink(missing_ok=True)
    wanted = pyfunc.load_model(str(folder)).predict(case.data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "mlflow", None)  # cannot be imported
        loaded = gittrack.load_model(folder, trust=not case.free)
        found = loaded.predict(case.data)
    assert loaded.flavor == case.flavor
    same(found, wanted)
