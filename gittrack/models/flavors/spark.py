"""Spark ML: pipelines as Spark writes them.

They hold names of classes, which Spark makes by reflection, and parameters. Stages of Spark's own are
read without consent, but for the one that runs a SQL statement: Spark SQL can call any Java method.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.text import load_json
from gittrack.models.flavors.base import CannotPredict, CannotSave, Written, check_options, comes_from
from gittrack.models.flavors.files import inside, library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gittrack.models.flavors.base import Consent, Predict

_FOLDER = "sparkml"
_OWN = ("org.apache.spark.ml.", "pyspark.ml.")
_RUNS_SQL = "SQLTransformer"
_COLUMN = "prediction"


class Spark:
    """`pyspark.ml.PipelineModel`, and single models and transformers, which become a pipeline of one."""

    name = "spark"
    options: Mapping[str, str] = MappingProxyType({})

    def takes(self, model: object) -> bool:
        """Whether it is a model or transformer of Spark ML."""
        return comes_from(model, "pyspark") and hasattr(model, "transform")

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:  # noqa: ANN401  a model
        """Write the directory `sparkml` on the machine that runs the driver."""
        check_options(self, options)
        ml, spark = library("pyspark.ml", "pyspark"), library("pyspark")
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        if not isinstance(model, ml.util.MLWritable):
            msg = f"a {type(model).__qualname__} of Spark cannot be written"
            raise CannotSave(msg, hint="give a model or transformer that is MLWritable")
        pipeline = model if isinstance(model, ml.PipelineModel) else ml.PipelineModel([model])
        pipeline.write().save((folder / _FOLDER).absolute().as_uri())
        config = {
            "pyspark_version": spark.__version__,
            "model_data": _FOLDER,
            "model_class": kind,
        }
        pyfunc = {"loader_module": "mlflow.spark", "data": _FOLDER}
        return Written(config, pyfunc, frozenset({"pyspark", "pandas", "numpy"}))

    def read(self, folder: Path, config: Mapping[str, Any], consent: Consent) -> Any:  # noqa: ANN401
        """The pipeline, in the active session, or in one of this machine."""
        path = inside(folder, config, "model_data")
        foreign = sorted({name for name in _classes(path) if not _is_harmless(name)})
        if foreign:
            consent.require(f"making {', '.join(foreign[:3])} by their names")
        ml = library("pyspark.ml", "pyspark")
        session()
        return ml.PipelineModel.load(path.absolute().as_uri())

    def predictor(self, model: Any, config: Mapping[str, Any]) -> Predict:  # noqa: ANN401, ARG002  needs none of it
        """A table becomes one of Spark; the column `prediction` comes back, as MLflow gives it."""
        if not hasattr(model, "transform"):
            msg = f"a {type(model).__qualname__} has no `transform`"
            raise CannotPredict(msg, hint="load_model(…).native is the model itself")
        return lambda data, _: _predict(model, data)


def session() -> Any:  # noqa: ANN401  a SparkSession
    """The active session, else one with a single thread on this machine."""
    sql = library("pyspark.sql", "pyspark")
    active = sql.SparkSession.getActiveSession()
    if active is not None:
        return active
    local = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    return local.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()


def _predict(model: Any, data: Any) -> Any:  # noqa: ANN401
    import numpy as np
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        msg = f"Spark takes tables, and this is a {type(data).__qualname__}"
        raise CannotPredict(msg, hint="give a DataFrame")
    plain = data.map(lambda value: [float(one) for one in value] if isinstance(value, np.ndarray) else value)
    frame = _with_vectors(session().createDataFrame(plain), model)
    found = model.transform(frame)
    if _COLUMN not in found.columns:
        msg = f"the pipeline gives no column {_COLUMN!r}"
        raise CannotPredict(msg, hint="load_model(…).native.transform gives all of them")
    return [row[0] for row in found.select(_COLUMN).collect()]


def _with_vectors(frame: Any, model: Any) -> Any:  # noqa: ANN401
    """With vectors for lists of numbers, where a stage takes its features from them."""
    types = library("pyspark.sql.types", "pyspark")
    to_vector = library("pyspark.ml.functions", "pyspark").array_to_vector
    stages = getattr(model, "stages", [model])
    wanted = {one.getOrDefault("featuresCol") for one in stages if one.hasParam("featuresCol")}
    for field in frame.schema.fields:
        listed = isinstance(field.dataType, types.ArrayType)
        if field.name in wanted and listed and isinstance(field.dataType.elementType, types.DoubleType):
            frame = frame.withColumn(field.name, to_vector(field.name))
    return frame


def _is_harmless(name: str) -> bool:
    return name.startswith(_OWN) and not name.endswith(_RUNS_SQL)


def _classes(path: Path) -> Iterator[str]:
    """The classes that a pipeline names; nothing is loaded."""
    found = False
    for metadata in sorted(path.rglob("metadata")):
        for part in sorted(metadata.glob("part-*")):
            for line in part.read_text(encoding="utf-8").splitlines():
                try:
                    yield from _named(load_json(line.encode()))
                except ValueError as error:
                    raise MalformedFile(part.name, f"no metadata of Spark ML: {error}") from error
                found = True
    if not found:
        raise MalformedFile(path.name, "there is no metadata of Spark ML in it")


def _named(value: object) -> Iterator[str]:
    name = value.get("class") if isinstance(value, dict) else None
    yield name if isinstance(name, str) else "a class without a name"


FLAVOR = Spark()
