"""Keras 3: `.keras` archives in safe mode; lambdas and classes of others by consent."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.flavors import tensorflow
from gittrack.models.flavors.base import Written, check_options, comes_from
from gittrack.models.flavors.files import inside
from gittrack.models.flavors.keras_files import SUFFIX, keras_library, keras_predictor, read_keras

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FOLDER = "data"


class Keras:
    """`keras.Model` on any backend."""

    name = "keras"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it is a model of Keras."""
        return comes_from(model, "keras") and hasattr(model, "predict")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a Keras model
        """Write `data/model.keras`."""
        check_options(self, options)
        keras = keras_library()
        data = folder / _FOLDER
        data.mkdir()
        model.save(data / f"model{SUFFIX}")
        (data / "keras_module.txt").write_text("keras", encoding="utf-8")
        backend = keras.backend.backend()
        config = {
            "data": _FOLDER,
            "keras_version": keras.__version__,
            "keras_backend": backend,
            "save_exported_model": False,
        }
        return Written(config, {"loader_module": "mlflow.keras"}, frozenset({"keras", "numpy", backend}))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The model; one that MLflow exported is a SavedModel."""
        data = inside(folder, config, "data")
        if config.get("save_exported_model"):
            return tensorflow.read_saved(data / "model", consent)
        return read_keras(data / f"model{SUFFIX}", consent)

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401
        """Its `predict`, or `serve` of an exported one."""
        if config.get("save_exported_model"):
            return tensorflow.call(model.serve)
        return keras_predictor(model)


FLAVOR = Keras()
