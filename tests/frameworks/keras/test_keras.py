"""Keras and TensorFlow, against MLflow in both directions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import keras
import mlflow
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import gittrack
from gittrack.core.errors import MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.flavors.base import CannotPredict, NotTrusted
from gittrack.models.flavors.keras_files import keras_predictor
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(  # the libraries' own
    "ignore::DeprecationWarning", "ignore:.*Any type hint is inferred:UserWarning"
)
ROWS = np.arange(12, dtype="float32").reshape(4, 3)


class Twice(keras.layers.Layer):
    """A layer that is not one of Keras."""

    def call(self, inputs: Any) -> Any:
        """Twice the input."""
        return inputs * 2


class Scaled(tf.Module):
    """A module of TensorFlow."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(3.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])  # type: ignore[untyped-decorator]  # it has no types
    def __call__(self, rows: Any) -> Any:
        """Scale the rows."""
        return rows * self.factor


def network(*layers: Any) -> Any:
    """A small model."""
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(2)])


@pytest.fixture(autouse=True)
def _known_to_keras() -> None:
    """No test sees the classes that another one has registered."""
    keras.saving.get_custom_objects().clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def changed(folder: Path, flavor: str, **words: Any) -> None:
    """Write other words into the flavor."""
    document = read_yaml((folder / "MLmodel").read_bytes())
    document["flavors"][flavor] |= words
    (folder / "MLmodel").write_bytes(write_yaml(document))


def test_keras_loads_freely_and_mlflow_predicts_equally(folder: Path) -> None:
    """A `.keras` archive of Keras's own layers."""
    model = network()
    described = gittrack.save_model(model, folder, input_example=ROWS)
    trust_file().unlink()
    loaded = gittrack.load_model(folder)
    assert (loaded.flavor, [*described.flavors]) == ("keras", ["python_function", "keras"])
    np.testing.assert_allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(ROWS)
    np.testing.assert_allclose(theirs, loaded.predict(ROWS), rtol=1e-6)
    assert "tensorflow" in (folder / "requirements.txt").read_text()


def test_a_table_gives_a_table(folder: Path) -> None:
    """With its index, as in MLflow."""
    gittrack.save_model(network(), folder)
    table = pd.DataFrame(ROWS, index=list("abcd"))
    found = gittrack.load_model(folder).predict(table)
    assert found.index.tolist() == ["a", "b", "c", "d"]
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(table)
    pd.testing.assert_frame_equal(theirs, found)


@pytest.mark.parametrize("exported", [False, True])
def test_keras_of_mlflow(folder: Path, *, exported: bool) -> None:
    """An archive loads freely; an exported one is a SavedModel and wants consent."""
    model = network()
    signature = mlflow.models.infer_signature(ROWS) if exported else None
    mlflow.keras.save_model(model, str(folder), exported, signature=signature, pip_requirements=[])
    if exported:
        with pytest.raises(NotTrusted, match="running the graph of its SavedModel"):
            gittrack.load_model(folder)
    loaded = gittrack.load_model(folder, trust=exported)
    np.testing.assert_allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-5)


@pytest.mark.parametrize("custom", [False, True])
def test_keras_in_mlflows_tensorflow_flavor(folder: Path, *, custom: bool) -> None:
    """With pickled classes of others by consent."""
    model = network(*([Twice()] if custom else []))
    objects = {"Twice": Twice} if custom else None
    mlflow.tensorflow.save_model(model, str(folder), custom_objects=objects, pip_requirements=[])
    if custom:
        with pytest.raises(NotTrusted, match=r"unpickling custom_objects\.cloudpickle"):
            gittrack.load_model(folder)
    loaded = gittrack.load_model(folder, trust=custom)
    np.testing.assert_allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)


def test_lambdas_want_consent(folder: Path) -> None:
    """Their configuration is Python bytecode."""
    model = network(keras.layers.Lambda(lambda rows: rows + 1))
    gittrack.save_model(model, folder)
    np.testing.assert_allclose(
        gittrack.load_model(folder).predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6
    )
    trust_file().unlink()
    with pytest.raises(NotTrusted, match=r"making a lambda from model\.keras"):
        gittrack.load_model(folder)


def test_classes_of_others_want_consent(folder: Path) -> None:
    """They are named."""
    keras.saving.register_keras_serializable(package="ours")(Twice)
    model = network(Twice())
    gittrack.save_model(model, folder)
    trust_file().unlink()
    with pytest.raises(NotTrusted, match="Twice from model"):
        gittrack.load_model(folder)
    loaded = gittrack.load_model(folder, trust=True)
    np.testing.assert_allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)


def test_h5_wants_consent(folder: Path) -> None:
    """It may hold code, and says so only when it runs."""
    model = network()
    mlflow.tensorflow.save_model(model, str(folder), pip_requirements=[])
    model.save(folder / "data" / "model.h5")
    changed(folder, "tensorflow", save_format="h5")
    with pytest.raises(NotTrusted, match=r"reading model\.h5"):
        gittrack.load_model(folder)
    loaded = gittrack.load_model(folder, trust=True)
    np.testing.assert_allclose(loaded.predict(ROWS), model.predict(ROWS, verbose=0), rtol=1e-6)


@pytest.mark.parametrize("content", [b"", b"[", b"{}"])
def test_archives_that_are_none(folder: Path, content: bytes) -> None:
    """No archive, and none of Keras."""
    gittrack.save_model(network(), folder)
    path = folder / "data" / "model.keras"
    path.unlink()
    if content == b"{}":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other.json", json.dumps({}))
    else:
        path.write_bytes(content)
    with pytest.raises(MalformedFile, match="not an archive of Keras"):
        gittrack.load_model(folder)


def test_a_huge_configuration(folder: Path) -> None:
    """It is refused before it is read."""
    gittrack.save_model(network(), folder)
    path = folder / "data" / "model.keras"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("config.json", "w") as file,
    ):
        for _ in range(101):
            file.write(b" " * 1_000_000)
    with pytest.raises(MalformedFile, match="too large"):
        gittrack.load_model(folder)


def test_a_saved_model_both_ways(folder: Path, tmp_path: Path) -> None:
    """A module of TensorFlow, by consent."""
    gittrack.save_model(Scaled(), folder, input_example=ROWS)
    loaded = gittrack.load_model(folder)
    assert loaded.flavor == "tensorflow"
    np.testing.assert_allclose(loaded.predict(ROWS), ROWS * 3)
    np.testing.assert_allclose(mlflow.pyfunc.load_model(str(folder)).predict(ROWS), ROWS * 3)
    mlflow.tensorflow.save_model(Scaled(), str(tmp_path / "theirs"), pip_requirements=[])
    with pytest.raises(NotTrusted, match="running the graph of its SavedModel tf2model"):
        gittrack.load_model(tmp_path / "theirs")
    theirs = gittrack.load_model(tmp_path / "theirs", trust=True)
    np.testing.assert_allclose(theirs.predict(pd.DataFrame(ROWS)), ROWS * 3)


def test_named_signatures(folder: Path) -> None:
    """What an estimator of TensorFlow 1 has, and a module that cannot be called."""
    module = tf.Module()
    module.served = tf.function(
        lambda a, b: {"sum": a + b},
        input_signature=[tf.TensorSpec([None], tf.float32, "a"), tf.TensorSpec([None], tf.float32, "b")],
    )
    gittrack.save_model(module, folder)
    (folder / "tf2model" / "saved_model.pb").unlink()
    tf.saved_model.save(module, str(folder / "tf2model"), signatures={"serving_default": module.served})
    table = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}, dtype="float32")
    loaded = gittrack.load_model(folder, trust=True)
    assert loaded.predict(table)["sum"].tolist() == [4, 6]
    with pytest.raises(CannotPredict, match="named arrays"):
        loaded.predict(ROWS)
    changed(folder, "tensorflow", model_type="tf1-estimator", meta_graph_tags=["serve"])
    changed(folder, "tensorflow", signature_def_key="serving_default")
    assert gittrack.load_model(folder, trust=True).predict(table)["sum"].tolist() == [4, 6]
    changed(folder, "tensorflow", signature_def_key="gone")
    with pytest.raises(MalformedFile, match="no signature 'gone'"):
        gittrack.load_model(folder, trust=True)
    changed(folder, "tensorflow", model_type="other")
    with pytest.raises(MalformedFile, match="no such model_type"):
        gittrack.load_model(folder, trust=True)


def test_a_module_that_predicts_nothing(folder: Path) -> None:
    """It loads, and says so."""
    gittrack.save_model(tf.Module(), folder)
    with pytest.raises(CannotPredict, match="not callable"):
        gittrack.load_model(folder).predict(ROWS)


def test_what_is_missing() -> None:
    """A backend that is not installed is named, and so is what has no `predict`."""
    script = "from gittrack.models.flavors.keras_files import keras_library; keras_library()"
    variables = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False
    )
    assert "MissingLibrary: jax is not installed" in done.stderr
    with pytest.raises(CannotPredict, match="a str has no `predict`"):
        keras_predictor("a")
