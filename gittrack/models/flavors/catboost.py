"""CatBoost: its estimators in its own format, which runs no code. Files as in MLflow's `mlflow/catboost`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import CannotSave, Written, check_options, comes_from
from gittrack.models.flavors.boosting import class_of
from gittrack.models.flavors.files import inside, library
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

FORMATS = ("cbm", "json")
_FILE = "model.cb"
_CLASSES = {name: name for name in ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")}


class Catboost:
    """`catboost.CatBoost`, `catboost.CatBoostClassifier` and its like."""

    name = "catboost"
    options: Mapping[str, str] = MappingProxyType({"save_format": "cbm (default) or json"})

    def takes(self, model: object) -> bool:
        """Whether its class is one of CatBoost's own."""
        return comes_from(model, "catboost") and type(model).__name__ in _CLASSES

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  an estimator
        """Write `model.cb`."""
        check_options(self, options)
        form = options.get("save_format") or "cbm"
        if form not in FORMATS or not self.takes(model):
            msg = f"a {type(model).__qualname__} cannot be written as {str(form)[:40]!r}"
            raise CannotSave(msg, hint=f"give {', '.join(_CLASSES)}; save_format: {', '.join(FORMATS)}")
        model.save_model(str(folder / _FILE), format=form)
        config = {
            "catboost_version": library("catboost").__version__,
            "data": _FILE,
            "model_type": type(model).__name__,
            "save_format": form,
            "code": None,
        }
        pyfunc = {"loader_module": "mlflow.catboost", "data": _FILE}
        return Written(config, pyfunc, frozenset({"catboost"}))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401, ARG002  runs no code
        """The estimator."""
        catboost = library("catboost")
        form = config.get("save_format", "cbm")
        if form not in FORMATS:
            raise MalformedFile(FILE, f"no such save_format: {str(form)[:40]!r}")
        model = class_of({"model_class": config.get("model_type", "CatBoost")}, catboost, _CLASSES)()
        model.load_model(str(inside(folder, config, "data")), form)
        return model

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`."""
        return lambda data, params: model.predict(data, **params)


FLAVOR = Catboost()
