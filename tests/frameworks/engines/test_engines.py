"""`gittrack.batch_predictor` on a real Ray and a real Dask."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression

import gittrack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TABLE = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [1.0, 0, 1, 0]})
SUMS = [1.0, 1.0, 3.0, 3.0]
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning"
)  # the engines' own


class Where:
    """A model that tells its process and how often it was unpickled there."""

    def __setstate__(self, state: Any) -> None:
        key = f"LOADED_{os.getpid()}"  # children inherit it
        os.environ[key] = str(int(os.environ.get(key, "0")) + 1)

    def __getstate__(self) -> dict[str, int]:
        return {"x": 1}

    def predict(self, data: Any) -> Any:
        """A row for each."""
        times = int(os.environ[f"LOADED_{os.getpid()}"])
        return pd.DataFrame({"process": [os.getpid()] * len(data), "loaded": [times] * len(data)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that adds two columns."""
    model = LinearRegression(fit_intercept=False).fit(np.eye(2), [1, 1])
    model.feature_names_in_ = np.array(["a", "b"], dtype=object)
    gittrack.save_model(model, tmp_path / "model", input_example=TABLE)
    return tmp_path / "model"


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A Ray of two processors."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init(
        num_cpus=2,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        object_store_memory=80_000_000,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}},
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    """A client of a Dask cluster of two processes."""
    from distributed import Client, LocalCluster

    os.environ["PYTHONPATH"] = str(ROOT)
    local: Any = LocalCluster  # they have no types
    connect: Any = Client
    with (
        local(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        connect(cluster) as client,
    ):
        yield client


def test_arrow(folder: Path) -> None:
    """A table of Arrow gives one."""
    table = gittrack.batch_predictor(folder)(pa.Table.from_pandas(TABLE))
    np.testing.assert_allclose(table["prediction"].to_numpy(), SUMS)


@pytest.mark.parametrize("form", ["pandas", "numpy", "pyarrow"])
def test_ray_data(ray: Any, folder: Path, form: str) -> None:
    """`map_batches` in each of its forms."""
    predict = gittrack.batch_predictor(folder)
    rows = ray.data.from_pandas(TABLE).repartition(2)
    found = rows.map_batches(predict, batch_format=form, batch_size=2).to_pandas()
    np.testing.assert_allclose(sorted(found["prediction"]), sorted(SUMS))


def test_ray_loads_once_a_process(ray: Any, tmp_path: Path) -> None:
    """However many batches there are."""
    gittrack.save_model(Where(), tmp_path / "m")
    predict = gittrack.batch_predictor(tmp_path / "m")
    rows = ray.data.from_pandas(pd.DataFrame({"a": np.arange(40)})).repartition(10)
    found = rows.map_batches(predict, batch_format="pandas", batch_size=4).to_pandas()
    assert len(found) == 40
    assert set(found["loaded"]) == {1}
    assert os.getpid() not in set(found["process"])


@pytest.mark.usefixtures("dask")
def test_dask(folder: Path) -> None:
    """`map_partitions` with and without the form of the result."""
    import dask.dataframe as dd

    predict = gittrack.batch_predictor(folder)
    from_pandas: Any = dd.from_pandas  # it has no types
    rows = from_pandas(TABLE, npartitions=2)
    found = rows.map_partitions(predict, meta={"prediction": "float64"}).compute()
    np.testing.assert_allclose(found["prediction"], SUMS)
    assert found.index.tolist() == TABLE.index.tolist()
    np.testing.assert_allclose(rows.map_partitions(predict).compute()["prediction"], SUMS)


@pytest.mark.usefixtures("dask")
def test_dask_loads_once_a_process(tmp_path: Path) -> None:
    """Each of its workers."""
    import dask.dataframe as dd

    gittrack.save_model(Where(), tmp_path / "m")
    predict = gittrack.batch_predictor(tmp_path / "m")
    from_pandas: Any = dd.from_pandas  # it has no types
    rows = from_pandas(pd.DataFrame({"a": np.arange(40)}), npartitions=8)
    meta = {"process": "int64", "loaded": "int64"}
    found = rows.map_partitions(predict, meta=meta).compute()
    assert len(found) == 40
    assert set(found["loaded"]) == {1}
    assert os.getpid() not in set(found["process"])
