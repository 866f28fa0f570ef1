"""scikit-learn: skops where it can, pickle and cloudpickle by consent.

A file of skops is read only as far as its types are known to be harmless: the list of types that
`MLmodel` carries (`skops_trusted_types`) was written with the model and is no reason to trust it.
"""

from __future__ import annotations

import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import CannotPredict, CannotSave, Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library, modules_of_pickle, modules_of_skops
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

FORMATS = ("skops", "pickle", "cloudpickle")
PREDICTS = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score")
_FILES = {"skops": "model.skops", "pickle": "model.pkl", "cloudpickle": "model.pkl"}


class Sklearn:
    """Estimators and pipelines of scikit-learn, and of libraries that are made like it."""

    name = "sklearn"
    options: Mapping[str, str] = MappingProxyType(
        {
            "serialization_format": "skops (default), pickle or cloudpickle",
            "predict_fn": "what predicts: predict (default), predict_proba, …",
        }
    )

    def takes(self, model: object) -> bool:
        """Whether it is made from an estimator of scikit-learn."""
        return comes_from(model, "sklearn")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  an estimator
        """Write `model.skops` or `model.pkl`."""
        check_options(self, options)
        form = options.get("serialization_format") or "skops"
        predicts = options.get("predict_fn") or "predict"
        if form not in FORMATS or predicts not in PREDICTS:
            msg = f"no such serialization_format or predict_fn: {form!r}, {predicts!r}"
            raise CannotSave(msg, hint=f"formats: {', '.join(FORMATS)}; functions: {', '.join(PREDICTS)}")
        path = folder / _FILES[form]
        _dump(model, path, form)
        config = {
            "pickled_model": path.name,
            "sklearn_version": library("sklearn", "scikit-learn").__version__,
            "serialization_format": form,
            "code": None,
        }
        if form == "skops" and (unknown := library("skops.io", "skops").get_untrusted_types(file=path)):
            config["skops_trusted_types"] = unknown  # for MLflow, which believes it; see above
        pyfunc = {"loader_module": "mlflow.sklearn", "model_path": path.name, "predict_fn": predicts}
        modules = (modules_of_skops if form == "skops" else modules_of_pickle)(path)
        needed = ("scikit-learn",) if form == "pickle" else ("scikit-learn", form)
        return Written(config, pyfunc if hasattr(model, predicts) else None, modules, needed)

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The estimator."""
        path = inside(folder, config, "pickled_model")
        form = config.get("serialization_format", "pickle")
        library("sklearn", "scikit-learn")
        if form == "skops":
            return _read_skops(path, consent)
        if form not in FORMATS:
            raise MalformedFile(FILE, f"no such serialization_format: {str(form)[:40]!r}")
        consent.require(f"unpickling {path.name}")
        if form == "cloudpickle":
            library("cloudpickle")
        with path.open("rb") as file:
            return pickle.load(file)  # noqa: S301  by consent

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401
        """Its function `predict`, or the one that `MLmodel` names."""
        name = config.get("predict_fn", "predict")
        if name not in PREDICTS or not hasattr(model, name):
            msg = f"a {type(model).__qualname__} has no `{str(name)[:40]}`"
            raise CannotPredict(msg, hint="load_model(…).native is the estimator itself")
        function = getattr(model, name)
        return lambda data, params: function(data, **params)


def _dump(model: object, path: Path, form: str) -> None:
    try:
        if form == "skops":
            library("skops.io", "skops").dump(model, path)
            return
        with path.open("wb") as file:
            (pickle if form == "pickle" else library("cloudpickle")).dump(model, file)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError) as error:
        hint = "try another serialization_format" if form == "skops" else "its parts must be importable"
        msg = f"the model cannot be written as {form}: {error}"
        raise CannotSave(msg, hint=hint) from error


def _read_skops(path: Path, consent: Consent) -> object:
    skops = library("skops.io", "skops")
    unknown = skops.get_untrusted_types(file=path)
    if unknown:
        shown = ", ".join(sorted(unknown)[:3]) + (" and others" if len(unknown) > 3 else "")  # noqa: PLR2004  shown
        consent.require(f"making objects of {shown} from {path.name}")
    return skops.load(path, trusted=unknown)


FLAVOR = Sklearn()
