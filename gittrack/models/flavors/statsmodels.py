"""statsmodels: fitted results, as the pickle that statsmodels itself writes; loaded by consent.

Files and predictions as in MLflow's `mlflow/statsmodels`.
"""

from __future__ import annotations

import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors.base import CannotPredict, CannotSave, Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library, modules_of_pickle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FILE = "model.statsmodels"


class Statsmodels:
    """What `fit` of a model of statsmodels gives."""

    name = "statsmodels"
    options: Mapping[str, str] = MappingProxyType({"remove_data": "whether the training data is left out"})

    def takes(self, model: object) -> bool:
        """Whether it is a result that predicts."""
        return comes_from(model, "statsmodels") and hasattr(model, "predict") and hasattr(model, "params")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a result
        """Write `model.statsmodels`."""
        check_options(self, options)
        if not self.takes(model):
            msg = f"a {type(model).__qualname__} is no result of statsmodels"
            raise CannotSave(msg, hint="give what `fit` returns")
        path = folder / _FILE
        try:
            model.save(str(path), bool(options.get("remove_data")))
        except (pickle.PicklingError, TypeError, AttributeError, NotImplementedError) as error:
            msg = f"the result cannot be written: {error}"
            raise CannotSave(msg, hint="statsmodels pickles it: its parts must be importable") from error
        config = {
            "statsmodels_version": library("statsmodels").__version__,
            "data": _FILE,
            "code": None,
        }
        pyfunc = {"loader_module": "mlflow.statsmodels", "data": _FILE}
        return Written(config, pyfunc, modules_of_pickle(path), ("statsmodels",))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The result."""
        library("statsmodels")
        path = inside(folder, {"data": _FILE, **config}, "data")
        consent.require(f"unpickling {path.name}")
        return library("statsmodels.iolib.smpickle", "statsmodels").load_pickle(str(path))

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """Its `predict`; of a time series, from `start` to `end`, the columns of a table of one row."""
        library("statsmodels")
        series = library("statsmodels.tsa.base.tsa_model", "statsmodels").TimeSeriesModel
        if isinstance(model.model, series):
            return lambda data, params: model.predict(**_span(data), **params)
        return lambda data, params: model.predict(data, **params)


def _span(data: Any) -> dict[str, Any]:  # noqa: ANN401
    if not {"start", "end"} <= set(getattr(data, "columns", ())) or len(data) != 1:
        msg = "a time series is predicted from `start` to `end`"
        raise CannotPredict(msg, hint="give a table of one row with these two columns")
    return {"start": data["start"].iloc[0], "end": data["end"].iloc[0]}


FLAVOR = Statsmodels()
