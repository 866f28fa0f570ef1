"""A model for batches of other engines; tests/frameworks/engines has them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import gittrack
from gittrack.models.flavors.base import NotTrusted
from gittrack.models.scoring import shipped
from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [1.0, 0, 1, 0]})
SUMS = [1.0, 1.0, 3.0, 3.0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that adds two columns."""
    model = LinearRegression(fit_intercept=False).fit(TABLE, SUMS)
    gittrack.save_model(model, tmp_path / "model", input_example=TABLE)
    return tmp_path / "model"


def test_each_form_of_a_batch(folder: Path) -> None:
    """The predictions come back in the form of the batch."""
    predict = gittrack.batch_predictor(folder)
    frame = predict(TABLE.set_axis(list("wxyz")))
    assert frame.index.tolist() == list("wxyz")
    np.testing.assert_allclose(frame["prediction"], SUMS)
    arrays = predict({name: TABLE[name].to_numpy() for name in TABLE})
    assert isinstance(arrays["prediction"], np.ndarray)
    np.testing.assert_allclose(arrays["prediction"], SUMS)
    with pytest.raises(DoesNotFit, match="'b'"):
        predict(TABLE[["a"]])


def test_tensors(tmp_path: Path) -> None:
    """A mapping of one array is the array, for a model with a signature of tensors."""
    model = LogisticRegression().fit(TABLE.to_numpy(), [0, 0, 1, 1])
    gittrack.save_model(model, tmp_path / "m", input_example=TABLE.to_numpy(), predict_fn="predict_proba")
    found = gittrack.batch_predictor(tmp_path / "m")({"data": TABLE.to_numpy()})
    np.testing.assert_allclose(found["prediction_0"] + found["prediction_1"], 1)
    assert gittrack.batch_predictor(tmp_path / "m")(TABLE.to_numpy()).shape == (4, 2)


def test_columns_of_lists(tmp_path: Path) -> None:
    """An array of more dimensions is a column of rows."""

    class First:
        def predict(self, data: Any) -> Any:
            return [row[0] for row in data["x"]]

    gittrack.save_model(First(), tmp_path / "m")
    predict = gittrack.batch_predictor(tmp_path / "m")
    assert predict({"x": np.array([[1, 2], [3, 4]])})["prediction"].tolist() == [1, 3]


def test_it_takes_the_model_along(folder: Path) -> None:
    """Pickled, it needs no folder; `ship=False` leaves the files where they are."""
    packed = pickle.dumps(gittrack.batch_predictor(folder))
    left = pickle.dumps(gittrack.batch_predictor(folder, ship=False))
    assert len(left) < 1000 < len(packed)
    moved = folder.rename(folder.with_name("moved"))
    shipped._LOADED.clear()
    np.testing.assert_allclose(pickle.loads(packed)(TABLE)["prediction"], SUMS)  # noqa: S301  made here
    shipped._LOADED.clear()
    moved.rename(folder)
    np.testing.assert_allclose(pickle.loads(left)(TABLE)["prediction"], SUMS)  # noqa: S301  the same


def test_consent_is_asked_here(tmp_path: Path) -> None:
    """Before anything goes to a worker."""
    model = LinearRegression().fit(TABLE, SUMS)
    gittrack.save_model(model, tmp_path / "m", serialization_format="pickle")
    trust_file().unlink()
    with pytest.raises(NotTrusted):
        gittrack.batch_predictor(tmp_path / "m")
    gittrack.batch_predictor(tmp_path / "m", trust=True)
