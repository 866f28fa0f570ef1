"""TensorFlow: SavedModel directories, by consent, and models of Keras that MLflow kept in this flavor.

A SavedModel is a program: its graph may read and write files while it runs, which is why TensorFlow says
to run none that you do not trust.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import CannotPredict, Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library
from gittrack.models.flavors.keras_files import SUFFIX, keras_predictor, read_keras
from gittrack.models.mlmodel import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FOLDER = "tf2model"
_MODULE, _KERAS, _ESTIMATOR = "tf2-module", "keras", "tf1-estimator"
_PICKLES = ("custom_objects.cloudpickle", "global_custom_objects.cloudpickle")


class Tensorflow:
    """`tf.Module` and its like."""

    name = "tensorflow"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it is a module of TensorFlow."""
        return comes_from(model, "tensorflow") and not comes_from(model, "keras")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a module
        """Write the directory `tf2model`."""
        check_options(self, options)
        tensorflow = library("tensorflow", "tensorflow-cpu")
        tensorflow.saved_model.save(model, str(folder / _FOLDER))
        config = {"saved_model_dir": _FOLDER, "model_type": _MODULE}
        return Written(
            config, {"loader_module": "mlflow.tensorflow"}, frozenset({"tensorflow", "keras", "numpy"})
        )

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The module, the function of a TensorFlow 1 estimator, or the Keras model."""
        kind = config.get("model_type", _ESTIMATOR)
        if kind == _KERAS:
            return _read_keras(inside(folder, config, "data"), config, consent)
        if kind == _MODULE:
            return read_saved(inside(folder, config, "saved_model_dir"), consent)
        if kind != _ESTIMATOR:
            raise MalformedFile(FILE, f"no such model_type: {str(kind)[:40]!r}")
        tags, key = config.get("meta_graph_tags"), str(config.get("signature_def_key"))
        signatures = read_saved(inside(folder, config, "saved_model_dir"), consent, tags).signatures
        if key not in signatures:
            raise MalformedFile(FILE, f"the SavedModel has no signature {key[:40]!r}")
        return signatures[key]

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401
        """The module called with a tensor, a function with named ones."""
        if config.get("model_type") == _KERAS:
            return keras_predictor(model)
        if config.get("model_type", _ESTIMATOR) == _ESTIMATOR:
            return call_named(model)
        if callable(model):
            return call(model)
        served = getattr(model, "signatures", {}).get("serving_default")
        if served is None:
            msg = "the SavedModel is not callable, and has no signature `serving_default`"
            raise CannotPredict(msg, hint="load_model(…).native is the module itself")
        return call_named(served)


def read_saved(path: Path, consent: Consent, tags: object = None) -> Any:  # noqa: ANN401  a module
    """The module in a SavedModel directory."""
    consent.require(f"running the graph of its SavedModel {path.name}")
    tensorflow = library("tensorflow", "tensorflow-cpu")
    return tensorflow.saved_model.load(str(path), tags=tags if isinstance(tags, list) else None)


def call(function: Callable[..., Any]) -> Predict:
    """Predict by a function of one tensor."""

    def predict(data: Any, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        tensorflow = library("tensorflow", "tensorflow-cpu")
        values = data.to_numpy() if hasattr(data, "to_numpy") else data
        return _plain(function(tensorflow.convert_to_tensor(values), **params))

    return predict


def call_named(function: Any) -> Predict:  # noqa: ANN401  a concrete function
    """Predict by a function of named tensors: a mapping of arrays, or a column for each."""

    def predict(data: Any, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        import numpy as np

        tensorflow = library("tensorflow", "tensorflow-cpu")
        if not hasattr(data, "keys"):
            msg = f"the model takes named arrays, and this is a {type(data).__qualname__}"
            raise CannotPredict(msg, hint="give a mapping of arrays, or a DataFrame")
        specs = function.structured_input_signature[1]
        feed = {
            name: tensorflow.constant(np.array(list(data[name])), specs[name].dtype)
            for name in specs
            if name in data
        }
        return _plain(function(**feed, **params))

    return predict


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.numpy() if hasattr(value, "numpy") else value


def _read_keras(data: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
    pickles = [data / name for name in _PICKLES if (data / name).is_file()]
    if pickles:
        consent.require(f"unpickling {pickles[0].name}")
    custom: dict[str, Any] = {}
    for path in pickles:
        custom |= library("cloudpickle").loads(path.read_bytes())
    suffix = ".h5" if config.get("save_format", "h5") == "h5" else SUFFIX
    if not custom:
        return read_keras(data / f"model{suffix}", consent)
    with library("keras").saving.custom_object_scope(custom):
        return read_keras(data / f"model{suffix}", consent, code=True)


FLAVOR = Tensorflow()
