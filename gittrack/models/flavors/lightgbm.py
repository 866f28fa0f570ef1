"""LightGBM: boosters in its own text, estimators for scikit-learn as those of scikit-learn."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors import sklearn
from gittrack.models.flavors.base import Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FILE = "model.lgb"
_OF_SKLEARN = ("serialization_format", "skops_trusted_types")


class Lightgbm:
    """`lightgbm.Booster`, `lightgbm.LGBMClassifier` and its like."""

    name = "lightgbm"
    options: Mapping[str, str] = MappingProxyType(
        {"serialization_format": "of an estimator: skops (default), pickle or cloudpickle"}
    )

    def takes(self, model: object) -> bool:
        """Whether its class is one of LightGBM's own."""
        return type(model).__module__.partition(".")[0] == "lightgbm" and hasattr(model, "predict")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a booster
        """Write `model.lgb`, `model.skops` or `model.pkl`."""
        check_options(self, options)
        version = library("lightgbm").__version__
        named = f"{type(model).__module__}.{type(model).__qualname__}"
        if comes_from(model, "sklearn"):
            wrote = sklearn.FLAVOR.write(model, folder, options)
            file, modules, needed = wrote.config["pickled_model"], wrote.modules, wrote.distributions
            more = {name: wrote.config[name] for name in _OF_SKLEARN if name in wrote.config}
        else:
            model.save_model(str(folder / _FILE))
            file, modules, needed, more = _FILE, frozenset({"lightgbm"}), (), {}
        config = {
            "lgb_version": version,
            "data": file,
            "model_class": named,
            "code": None,
            **more,
        }
        return Written(config, {"loader_module": "mlflow.lightgbm", "data": file}, modules, needed)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The booster or estimator."""
        lightgbm = library("lightgbm")
        path = inside(folder, config, "data")
        if path.suffix == ".lgb":
            return lightgbm.Booster(model_file=str(path))
        form = config.get("serialization_format") or ("skops" if path.suffix == ".skops" else "cloudpickle")
        return sklearn.FLAVOR.read(
            folder, {"pickled_model": path.name, "serialization_format": form}, consent
        )

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`."""
        return lambda data, params: model.predict(data, **params)


FLAVOR = Lightgbm()
