"""Predicting for batches of other engines: Ray Data, Dask, and whatever maps a function over tables."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.models.scoring.shipped import pack
from gittrack.models.scoring.tables import as_table

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from gittrack.models.scoring.shipped import Shipped


class BatchPredictor:
    """Predicts for a batch, and gives the predictions in the form of the batch; can be pickled.

    Args:
        shipped: the model.
        params: of `predict`.
    """

    def __init__(self, shipped: Shipped, params: Mapping[str, Any]) -> None:
        self._shipped = shipped
        self._params = dict(params)
        self.__name__ = "gittrack"  # how engines show it

    def __call__(self, batch: Any) -> Any:  # noqa: ANN401  see Returns
        """Predict for a batch.

        Args:
            batch: a DataFrame, a table of Arrow, a mapping of arrays (Ray's form) or an array.

        Returns:
            A DataFrame with the index of the batch, a table, a mapping of arrays or an array. A column of
            predictions without a name is called `prediction`.

        Raises:
            DoesNotFit: a column is not what the signature asks for.
            InvalidValue: the predictions are no rows.
        """
        kind = f"{type(batch).__module__.partition('.')[0]}.{type(batch).__name__}"
        if kind == "pyarrow.Table":
            return _arrow(self._table(batch.to_pandas()))
        if isinstance(batch, dict):
            table = self._table(_data(batch, self._tensors()))
            return {str(name): table[name].to_numpy() for name in table.columns}
        if kind == "pandas.DataFrame":
            return self._table(batch, index=batch.index)
        return self._shipped.model().predict(batch, self._params)

    def _tensors(self) -> bool:
        signature = self._shipped.model().signature
        return signature is not None and signature.inputs is not None and signature.inputs.tensors

    def _table(self, data: Any, index: Any = None) -> Any:  # noqa: ANN401  a DataFrame
        table = as_table(self._shipped.model().predict(data, self._params))
        table.columns = [str(name) for name in table.columns]
        return table if index is None else table.set_axis(index, axis=0)


def _data(batch: dict[str, Any], tensors: bool) -> Any:  # noqa: ANN401, FBT001  a table, or the arrays themselves
    import pandas as pd

    if tensors:
        return next(iter(batch.values())) if len(batch) == 1 else batch
    flat = {name: list(value) if getattr(value, "ndim", 1) > 1 else value for name, value in batch.items()}
    return pd.DataFrame(flat)


def _arrow(table: Any) -> Any:  # noqa: ANN401
    import pyarrow as pa

    return pa.Table.from_pandas(table, preserve_index=False)


def batch_predictor(
    uri: str | os.PathLike[str],
    *,
    params: Mapping[str, Any] = MappingProxyType({}),
    trust: bool = False,
    repo: str | os.PathLike[str] | None = None,
    ship: bool = True,
) -> BatchPredictor:
    """A function for `map_batches` of Ray Data, `map_partitions` of Dask and their like.

    It can be pickled and takes the files of the model along, so workers need neither the repository nor the
    store, but gittrack and the library of the model. Each process loads the model once.

    ::

        predict = gittrack.batch_predictor("models:/churn@prod")
        ray.data.read_parquet(path).map_batches(predict, batch_format="pandas")
        dask.dataframe.read_parquet(path).map_partitions(predict)

    Args:
        uri: a directory, `runs:/RUN/PATH`, `models:/NAME/VERSION` or a URL, as :func:`load_model` takes it.
        params: of `predict`.
        trust: whether code that came with the model may run, here and in the workers.
        repo: the repository, a path or a Git URL; as configured when None.
        ship: whether the files go along; False for large models in a folder that all machines share.

    Raises:
        NotTrusted, MalformedFile, MissingLibrary: the model cannot be loaded.
        InvalidValue, RunNotFound, ModelNotFound, ArtifactNotFound, StoreError: it cannot be had.
    """
    return BatchPredictor(pack(uri, trust=trust, repo=repo, ship=ship), params)
