"""A model as a function of Spark's columns."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import InvalidValue
from gittrack.models.flavors.files import library
from gittrack.models.scoring.shipped import pack
from gittrack.models.scoring.spark_types import parsed, type_of
from gittrack.models.scoring.tables import as_table

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.models.loaded import LoadedModel
    from gittrack.models.scoring.shipped import Shipped

_NUMBERS = {
    "tinyint": "int8",
    "smallint": "int16",
    "int": "int32",
    "bigint": "int64",
    "float": "float32",
    "double": "float64",
}


class _Plan(NamedTuple):
    """What a worker does; goes to each.

    Attributes:
        names: of the columns that the function is given, None where they are known by their place.
        result: Spark's names of the types of the results by their name, or of the only one.
        params: of `predict`.
    """

    names: tuple[str, ...] | None
    result: Mapping[str, str] | str
    params: Mapping[str, Any]


def spark_udf(
    spark: Any,  # noqa: ANN401  a SparkSession
    model_uri: str | os.PathLike[str],
    result_type: Any = None,  # noqa: ANN401  see Args
    *,
    params: Mapping[str, Any] = MappingProxyType({}),
    trust: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> SparkFunction:
    """A function of columns for a DataFrame of Spark, by Arrow and in batches.

    The files of the model go to the executors, which need gittrack and the library of the model, but
    neither the repository nor the store. Each of their Python processes loads the model once.

    ::

        predict = gittrack.spark_udf(spark, "models:/churn@prod")
        frame.withColumn("score", predict())  # the columns that the signature names
        frame.withColumn("score", predict("age", "income"))
        spark.udf.register("churn", predict.udf)  # for SQL

    Args:
        spark: the session.
        model_uri: as :func:`load_model` takes it.
        result_type: a type of Spark or its name (`double`, `array<float>`, `struct<a: int, b: double>`); that
            of the outputs in the signature when None, and `double` where there are none.
        params: of `predict`.
        trust: whether code that came with the model may run, here and on the executors.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        A function that takes columns or their names in the order of the signature, or one struct column
        with fields named as in it, and gives a column. Its attribute `udf` is Spark's own function.

    Raises:
        InvalidValue: the result type is none that predictions can have, or called without columns, the
            signature does not name them.
        NotTrusted, MalformedFile, MissingLibrary: the model cannot be loaded.
        RunNotFound, ModelNotFound, ArtifactNotFound, StoreError: it cannot be had.
    """
    functions = library("pyspark.sql.functions", "pyspark")
    shipped = pack(model_uri, trust=trust, repo=repo)
    signature = shipped.model().signature
    inputs = signature.inputs if signature else None
    kind = type_of(signature.outputs if signature else None) if result_type is None else result_type
    names = tuple(str(one.name) for one in inputs.specs) if inputs and inputs.named else None
    plan = _Plan(names, parsed(kind), dict(params))
    worker = _worker(_sent(spark, shipped), plan)
    return SparkFunction(functions.pandas_udf(worker, kind), names)


class SparkFunction:
    """A model as a function of columns, see :func:`spark_udf`.

    Attributes:
        udf: Spark's own function, to register for SQL.
    """

    def __init__(self, udf: Any, names: Sequence[str] | None) -> None:  # noqa: ANN401  of Spark
        self.udf = udf
        self._names = names

    def __call__(self, *columns: Any) -> Any:  # noqa: ANN401  columns of Spark
        """The predictions for columns or their names; for those of the signature when there are none.

        Raises:
            InvalidValue: the signature names none.
        """
        if not columns and self._names is None:
            msg = "the signature of the model names no columns"
            raise InvalidValue(msg, hint="name them: predict('a', 'b')")
        return self.udf(*(columns or self._names or ()))


def _sent(spark: Any, shipped: Shipped) -> Callable[[], Shipped]:  # noqa: ANN401
    """How a worker gets the model: as a broadcast, once an executor; Spark Connect has none."""
    try:
        context = spark.sparkContext
    except Exception:  # noqa: BLE001  another class in each version of Connect
        return functools.partial(_given, shipped)
    broadcast = context.broadcast(shipped)
    return functools.partial(_value, broadcast)


def _given(shipped: Shipped) -> Shipped:
    return shipped


def _value(broadcast: Any) -> Shipped:  # noqa: ANN401
    found: Shipped = broadcast.value
    return found


def _worker(fetch: Callable[[], Shipped], plan: _Plan) -> Callable[..., Any]:
    """The function that Spark runs: batches of columns to batches of predictions."""
    import pandas as pd

    def predict(batches: Any) -> Any:  # noqa: ANN401
        model = fetch().model()
        for columns in batches:  # one alone comes without the tuple
            yield _predicted(model, columns if isinstance(columns, tuple) else (columns,), plan)

    table = not isinstance(plan.result, str)
    # Spark asks the hints whether a function takes batches; names of types would be looked up in its globals
    predict.__annotations__ = {
        "batches": Iterator[tuple[pd.Series, ...]],
        "return": Iterator[pd.DataFrame] if table else Iterator[pd.Series],
    }
    return predict


def _predicted(model: LoadedModel, columns: Sequence[Any], plan: _Plan) -> Any:  # noqa: ANN401
    import pandas as pd

    if len(columns) == 1 and isinstance(columns[0], pd.DataFrame):
        data = columns[0]  # a struct
    else:
        named = plan.names is not None and len(plan.names) == len(columns)
        names = plan.names if named else range(len(columns))
        data = pd.DataFrame(dict(zip(names or (), columns, strict=True)))
    found = as_table(_rows(model.predict(data, plan.params)))
    if isinstance(plan.result, str):
        return _column(found, plan.result)
    if len(found.columns) != len(plan.result):
        msg = f"the model gives {len(found.columns)} columns, and the result type has {len(plan.result)}"
        raise InvalidValue(msg, hint=f"it gives: {', '.join(map(str, found.columns))}")
    if not set(plan.result) <= set(found.columns):
        found.columns = list(plan.result)
    return pd.DataFrame({name: _cast(found[name], kind) for name, kind in plan.result.items()})


def _rows(found: Any) -> Any:  # noqa: ANN401
    """With a list for each row of an array of more dimensions."""
    if getattr(found, "ndim", 1) > 2:  # noqa: PLR2004  a table has two
        import pandas as pd

        return pd.Series(list(found))
    return found


def _column(table: Any, kind: str) -> Any:  # noqa: ANN401
    import pandas as pd

    if kind.startswith("array"):
        if len(table.columns) == 1 and table.iloc[:, 0].dtype == object:
            return table.iloc[:, 0].map(lambda value: getattr(value, "tolist", lambda: value)())
        return pd.Series(table.to_numpy().tolist())
    return _cast(table.iloc[:, 0], kind)


def _cast(series: Any, kind: str) -> Any:  # noqa: ANN401
    if kind in _NUMBERS and series.dtype.kind in "biuf":
        return series.astype(_NUMBERS[kind])
    return series.map(str) if kind == "string" and series.dtype.kind in "biuf" else series
