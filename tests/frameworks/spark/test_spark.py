"""Spark ML models and `spark_udf`, on a real session, and against MLflow in both directions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import SQLTransformer, VectorAssembler
from pyspark.ml.linalg import Vectors
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession
from sklearn.linear_model import LinearRegression as Line
from sklearn.linear_model import LogisticRegression

import gittrack
from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.core.yaml_reader import read_yaml, write_yaml
from gittrack.models.flavors.base import CannotPredict, CannotSave, NotTrusted
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")  # MLflow's own
ROOT = Path(__file__).parents[3]
TABLE = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [1.0, 0, 1, 0], "y": [1.0, 2, 5, 6]})
CLASSES = ["low", "low", "high", "high"]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of two threads whose workers find gittrack."""
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    files = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(files / "warehouse"))
        .config("spark.local.dir", str(files / "local"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def frame(spark: Any) -> Any:
    """The table in Spark, in two parts."""
    return spark.createDataFrame(TABLE).repartition(2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def pipeline(frame: Any, *more: Any) -> Any:
    """A fitted pipeline."""
    assembler = VectorAssembler(inputCols=["a", "b"], outputCol="features")
    return Pipeline(stages=[assembler, *more, LinearRegression(labelCol="y")]).fit(frame)


def values(frame: Any, column: Any) -> Any:
    """What a column gives, in the order of the table."""
    return [row["found"] for row in frame.withColumn("found", column).orderBy("a").collect()]


def test_a_pipeline_both_ways(frame: Any, folder: Path, tmp_path: Path) -> None:
    """Spark's own stages load freely; MLflow predicts equally, and what it saves is read."""
    model = pipeline(frame)
    described = gittrack.save_model(model, folder, input_example=TABLE[["a", "b"]])
    assert [*described.flavors] == ["python_function", "spark"]
    trust_file().unlink()
    loaded = gittrack.load_model(folder)
    np.testing.assert_allclose(loaded.predict(TABLE[["a", "b"]]), TABLE["y"], atol=1e-6)
    theirs = mlflow.pyfunc.load_model(str(folder)).predict(TABLE[["a", "b"]])
    assert theirs == loaded.predict(TABLE[["a", "b"]])
    mlflow.spark.save_model(model, str(tmp_path / "theirs"), pip_requirements=[])
    again = gittrack.load_model(tmp_path / "theirs")
    assert again.predict(TABLE) == theirs


def test_one_model_and_vectors(spark: Any, folder: Path) -> None:
    """A single model becomes a pipeline; lists of numbers become vectors where it takes features."""
    points = spark.createDataFrame([(Vectors.dense(0, 0),), (Vectors.dense(9, 9),)], ["features"])
    gittrack.save_model(KMeans(k=2, seed=1).fit(points), folder)
    table = pd.DataFrame({"features": [np.array([0.1, 0]), np.array([9, 8.5]), np.array([0, 0.2])]})
    found = gittrack.load_model(folder).predict(table)
    assert found[0] == found[2] != found[1]
    assert found == mlflow.pyfunc.load_model(str(folder)).predict(table)


def test_sql_wants_consent(frame: Any, folder: Path) -> None:
    """A statement can call any method of Java."""
    select = SQLTransformer(statement="SELECT *, a + 1 AS more FROM __THIS__")
    gittrack.save_model(pipeline(frame, select), folder)
    assert len(gittrack.load_model(folder).predict(TABLE)) == 4
    trust_file().unlink()
    with pytest.raises(NotTrusted, match=r"making org\.apache\.spark\.ml\.feature\.SQLTransformer"):
        gittrack.load_model(folder)


def test_classes_of_others_want_consent(frame: Any, folder: Path) -> None:
    """Before anything is made."""
    gittrack.save_model(pipeline(frame), folder)
    part = next((folder / "sparkml" / "metadata").glob("part-*"))
    document = json.loads(part.read_text())
    part.write_text(json.dumps({**document, "class": "com.example.Evil"}) + "\n")
    with pytest.raises(NotTrusted, match=r"com\.example\.Evil"):
        gittrack.load_model(folder)
    part.write_text("{}\n")
    with pytest.raises(NotTrusted, match="a class without a name"):
        gittrack.load_model(folder)
    part.write_text("{\n")
    with pytest.raises(MalformedFile, match="no metadata of Spark ML"):
        gittrack.load_model(folder)


def test_a_folder_that_is_no_pipeline(frame: Any, folder: Path) -> None:
    """It is said, and nothing is loaded."""
    gittrack.save_model(pipeline(frame), folder)
    document = read_yaml((folder / "MLmodel").read_bytes())
    (folder / "empty").mkdir()
    (folder / "empty" / "x").touch()
    document["flavors"]["spark"]["model_data"] = "empty"
    (folder / "MLmodel").write_bytes(write_yaml(document))
    with pytest.raises(MalformedFile, match="no metadata"):
        gittrack.load_model(folder, trust=True)


def test_what_it_cannot_do(frame: Any, folder: Path, tmp_path: Path) -> None:
    """Arrays, pipelines without predictions, and what cannot be written."""
    gittrack.save_model(VectorAssembler(inputCols=["a"], outputCol="x"), folder)
    loaded = gittrack.load_model(folder)
    with pytest.raises(CannotPredict, match="takes tables"):
        loaded.predict(np.ones((2, 2)))
    with pytest.raises(CannotPredict, match="no column 'prediction'"):
        loaded.predict(TABLE)
    with pytest.raises(CannotSave, match="cannot be written"):
        gittrack.save_model(frame, tmp_path / "other", flavor="spark")


def test_udf_by_signature(spark: Any, frame: Any, folder: Path) -> None:
    """Columns and result type come from it; the same values as here."""
    gittrack.save_model(Line().fit(TABLE[["a", "b"]], TABLE["y"]), folder, input_example=TABLE[["a", "b"]])
    predict = gittrack.spark_udf(spark, folder)
    here = gittrack.load_model(folder).predict(TABLE[["a", "b"]])
    assert values(frame, predict()) == here.tolist()
    assert values(frame, predict("a", frame["b"])) == here.tolist()
    assert frame.select(predict()).schema[0].dataType.simpleString() == "double"


def test_udf_in_sql_and_by_struct(spark: Any, frame: Any, folder: Path) -> None:
    """A struct column has its fields by name."""
    from pyspark.sql.functions import struct

    gittrack.save_model(
        LogisticRegression().fit(TABLE[["a", "b"]], CLASSES), folder, input_example=TABLE[["a", "b"]]
    )
    predict = gittrack.spark_udf(spark, folder, "string")
    assert values(frame, predict(struct("b", "a"))) == CLASSES
    spark.udf.register("churn", predict.udf)
    frame.createOrReplaceTempView("rows")
    assert [row[0] for row in spark.sql("SELECT churn(a, b) FROM rows ORDER BY a").collect()] == CLASSES


def test_udf_with_other_results(spark: Any, frame: Any, folder: Path) -> None:
    """Arrays, structs and numbers that are made smaller."""
    model = LogisticRegression().fit(TABLE[["a", "b"]], CLASSES)
    gittrack.save_model(model, folder, predict_fn="predict_proba")
    here = gittrack.load_model(folder).predict(TABLE[["a", "b"]])
    array = values(frame, gittrack.spark_udf(spark, folder, "array<double>")("a", "b"))
    np.testing.assert_array_equal(array, here)
    both = values(frame, gittrack.spark_udf(spark, folder, "struct<high: float, low: double>")("a", "b"))
    assert [row["low"] for row in both] == here[:, 1].tolist()
    whole = values(frame, gittrack.spark_udf(spark, folder, "int")("a", "b"))
    assert set(whole) == {0}


def test_udf_of_named_outputs(spark: Any, frame: Any, folder: Path) -> None:
    """A struct with a field for each, and params go to `predict`."""

    class Two:
        def predict(self, data: Any, more: int = 0) -> Any:
            return pd.DataFrame({"double": data["a"] * 2 + more, "text": data["a"].astype(str)})

    gittrack.save_model(
        Two(),
        folder,
        signature=gittrack_signature(TABLE[["a"]], Two().predict(TABLE), {"more": 0}),
    )
    predict = gittrack.spark_udf(spark, folder, params={"more": 1}, trust=True)
    found = values(frame, predict("a"))
    assert [(row["double"], row["text"]) for row in found] == [(1, "0.0"), (3, "1.0"), (5, "2.0"), (7, "3.0")]


def gittrack_signature(inputs: Any, outputs: Any, params: Any) -> Any:
    """A signature."""
    from gittrack.models.signature.infer import infer_signature

    return infer_signature(inputs, outputs, params)


def test_udf_errors(spark: Any, frame: Any, folder: Path) -> None:
    """Types that are none, columns that nobody names, and models that nobody trusts."""
    gittrack.save_model(
        LogisticRegression().fit(TABLE[["a", "b"]], CLASSES), folder, serialization_format="pickle"
    )
    with pytest.raises(InvalidValue, match="no type of Spark: 'nothing'"):
        gittrack.spark_udf(spark, folder, "nothing")
    with pytest.raises(InvalidValue, match="names no columns"):
        gittrack.spark_udf(spark, folder, "string")()
    wide = gittrack.spark_udf(spark, folder, "struct<x: int, y: int>")
    with pytest.raises(Exception, match="the model gives 1 columns, and the result type has 2"):
        values(frame, wide("a", "b"))
    trust_file().unlink()
    with pytest.raises(NotTrusted):
        gittrack.spark_udf(spark, folder, "string")
