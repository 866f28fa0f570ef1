"""XGBoost: boosters and its estimators for scikit-learn, in its own format, which runs no code."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors.base import CannotSave, Written, check_options, comes_from
from gittrack.models.flavors.boosting import class_of
from gittrack.models.flavors.files import inside, library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

FORMATS = ("ubj", "json")
_CLASSES = {
    name: name
    for name in ("Booster", "XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier", "XGBRFRegressor")
}


class Xgboost:
    """`xgboost.Booster`, `xgboost.XGBClassifier` and its like."""

    name = "xgboost"
    options: Mapping[str, str] = MappingProxyType({"model_format": "ubj (default) or json"})

    def takes(self, model: object) -> bool:
        """Whether its class is one of XGBoost's own."""
        return comes_from(model, "xgboost") and type(model).__name__ in _CLASSES

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a booster
        """Write `model.ubj` or `model.json`."""
        check_options(self, options)
        form = options.get("model_format") or "ubj"
        if form not in FORMATS:
            msg = f"no such model_format: {form!r}"
            raise CannotSave(msg, hint=f"one of {', '.join(FORMATS)}")
        path = folder / f"model.{form}"
        model.save_model(path)
        config = {
            "xgb_version": library("xgboost").__version__,
            "data": path.name,
            "model_class": f"{type(model).__module__}.{type(model).__qualname__}",
            "model_format": form,
            "code": None,
        }
        pyfunc = {"loader_module": "mlflow.xgboost", "data": path.name}
        more = () if type(model).__name__ == "Booster" else ("scikit-learn",)
        return Written(config, pyfunc, frozenset({"xgboost"}), more)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401, ARG002  runs no code
        """The booster or estimator."""
        xgboost = library("xgboost")
        model = class_of({"model_class": "Booster", **config}, xgboost, _CLASSES)()
        model.load_model(inside(folder, config, "data"))
        return model

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`; a booster takes tables and arrays too."""
        xgboost = library("xgboost")
        if isinstance(model, xgboost.Booster):
            return lambda data, params: model.predict(xgboost.DMatrix(data), **params)
        return lambda data, params: model.predict(data, **params)


FLAVOR = Xgboost()
