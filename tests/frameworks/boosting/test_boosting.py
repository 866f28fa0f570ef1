"""XGBoost, LightGBM, CatBoost and statsmodels: what each writes, and that it predicts the same when read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xgboost

import gittrack
from gittrack.core.errors import MalformedFile
from gittrack.models.flavors.base import CannotPredict, CannotSave, NotTrusted
from gittrack.models.trust import trust_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame(RANDOM.normal(size=(60, 3)), columns=["a", "b", "c"])
NUMBERS = TABLE["a"] * 2 + TABLE["b"]
CLASSES = (NUMBERS > 0).astype(int)
WORDS = CLASSES.map({0: "no", 1: "yes"})
GROUPS = np.repeat(np.arange(6), 10)


def _xgb_booster() -> Any:
    return xgboost.train({"max_depth": 2, "nthread": 1}, xgboost.DMatrix(TABLE, NUMBERS), 3)


def _xgb(kind: Any, target: Any, **more: Any) -> Any:
    return kind(n_estimators=3, n_jobs=1).fit(TABLE, target, **more)


def _lgb_booster() -> Any:
    return lightgbm.train(
        {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}, lightgbm.Dataset(TABLE, NUMBERS), 3
    )


def _lgb(kind: Any, target: Any) -> Any:
    return kind(n_estimators=3, n_jobs=1, verbose=-1, min_child_samples=5).fit(TABLE, target)


def _cat(kind: Any, target: Any, **more: Any) -> Any:
    settings = {"iterations": 3, "thread_count": 1, "verbose": False, "allow_writing_files": False}
    made = kind(settings) if kind is catboost.CatBoost else kind(**settings)
    return made.fit(TABLE, target, **more)


MODELS: dict[str, tuple[Callable[[], Any], str, str]] = {
    "xgboost.Booster": (_xgb_booster, "xgboost", "model.ubj"),
    "XGBClassifier": (lambda: _xgb(xgboost.XGBClassifier, CLASSES), "xgboost", "model.ubj"),
    "XGBRegressor": (lambda: _xgb(xgboost.XGBRegressor, NUMBERS), "xgboost", "model.ubj"),
    "XGBRFClassifier": (lambda: _xgb(xgboost.XGBRFClassifier, CLASSES), "xgboost", "model.ubj"),
    "XGBRanker": (lambda: _xgb(xgboost.XGBRanker, CLASSES, qid=GROUPS), "xgboost", "model.ubj"),
    "lightgbm.Booster": (_lgb_booster, "lightgbm", "model.lgb"),
    "LGBMClassifier": (lambda: _lgb(lightgbm.LGBMClassifier, CLASSES), "lightgbm", "model.skops"),
    "LGBMRegressor": (lambda: _lgb(lightgbm.LGBMRegressor, NUMBERS), "lightgbm", "model.skops"),
    "CatBoost": (lambda: _cat(catboost.CatBoost, NUMBERS), "catboost", "model.cb"),
    "CatBoostClassifier": (lambda: _cat(catboost.CatBoostClassifier, WORDS), "catboost", "model.cb"),
    "CatBoostRegressor": (lambda: _cat(catboost.CatBoostRegressor, NUMBERS), "catboost", "model.cb"),
    "CatBoostRanker": (
        lambda: _cat(catboost.CatBoostRanker, CLASSES, group_id=GROUPS),
        "catboost",
        "model.cb",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model goes."""
    return tmp_path / "model"


def forget() -> None:
    """Be another user, who has made and trusted nothing."""
    trust_file().unlink(missing_ok=True)


def predicted(model: Any) -> Any:
    """What the library itself says."""
    data = xgboost.DMatrix(TABLE) if isinstance(model, xgboost.Booster) else TABLE
    return model.predict(data)


@pytest.mark.parametrize("name", MODELS)
def test_models(folder: Path, name: str) -> None:
    """Its class finds the flavor; it comes back as that class and predicts the same."""
    make, flavor, file = MODELS[name]
    model = make()
    described = gittrack.save_model(model, folder, input_example=TABLE)
    assert list(described.flavors) == ["python_function", flavor]
    assert (folder / file).is_file()
    assert described.signature is not None
    loaded = gittrack.load_model(folder)
    assert type(loaded.native) is type(model)
    np.testing.assert_array_equal(loaded.predict(TABLE), predicted(model))


@pytest.mark.parametrize("name", [one for one in MODELS if not one.startswith("LGBM")])
def test_formats_of_their_own_load_freely(folder: Path, name: str) -> None:
    """They hold numbers, and no code."""
    make, flavor, _ = MODELS[name]
    gittrack.save_model(make(), folder)
    forget()
    assert gittrack.load_model(folder).flavor == flavor


@pytest.mark.parametrize("form", ["skops", "pickle", "cloudpickle"])
def test_estimators_of_lightgbm(folder: Path, form: str) -> None:
    """As those of scikit-learn; skops does not know their types, so that all forms want consent."""
    model = MODELS["LGBMClassifier"][0]()
    gittrack.save_model(model, folder, serialization_format=form)
    np.testing.assert_array_equal(gittrack.load_model(folder).predict(TABLE), model.predict(TABLE))
    forget()
    with pytest.raises(NotTrusted):
        gittrack.load_model(folder)


@pytest.mark.parametrize(("option", "name"), [("model_format", "XGBRegressor"), ("save_format", "CatBoost")])
def test_as_json(folder: Path, option: str, name: str) -> None:
    """The other form of each predicts the same."""
    model = MODELS[name][0]()
    choices: dict[str, Any] = {option: "json"}
    gittrack.save_model(model, folder, **choices)
    np.testing.assert_allclose(gittrack.load_model(folder).predict(TABLE), model.predict(TABLE), rtol=1e-6)


@pytest.mark.parametrize(("option", "name"), [("model_format", "XGBRegressor"), ("save_format", "CatBoost")])
def test_forms_that_there_are_not(folder: Path, option: str, name: str) -> None:
    """The error says which there are."""
    choices: dict[str, Any] = {option: "cpp"}
    with pytest.raises(CannotSave, match="'cpp'"):
        gittrack.save_model(MODELS[name][0](), folder, **choices)


@pytest.mark.parametrize(
    ("name", "key", "value", "reason"),
    [
        ("XGBRegressor", b"model_class: xgboost.sklearn.XGBRegressor", b"model_class: os.system", "'system'"),
        ("CatBoost", b"model_type: CatBoost", b"model_type: Pool", "'Pool'"),
        ("CatBoost", b"save_format: cbm", b"save_format: cpp", "'cpp'"),
    ],
)
def test_classes_that_are_none(folder: Path, name: str, key: bytes, value: bytes, reason: str) -> None:
    """Nothing is called that MLmodel names and the library does not."""
    gittrack.save_model(MODELS[name][0](), folder)
    path = folder / "MLmodel"
    assert key in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(key, value))
    with pytest.raises(MalformedFile, match=reason):
        gittrack.load_model(folder)


def test_requirements(folder: Path) -> None:
    """The library, and what its estimators are made from."""
    gittrack.save_model(MODELS["XGBRegressor"][0](), folder)
    names = [line.partition("==")[0] for line in (folder / "requirements.txt").read_text().split()]
    assert names == ["scikit-learn", "xgboost-cpu"]


@pytest.mark.parametrize("remove", [False, True])
def test_results_of_statsmodels(folder: Path, remove: bool) -> None:  # noqa: FBT001  a parameter
    """A pickle, which wants consent, with or without what it was fitted on."""
    result = sm.OLS(NUMBERS, sm.add_constant(TABLE)).fit()
    rows = sm.add_constant(TABLE)
    expected = result.predict(rows)
    gittrack.save_model(result, folder, input_example=rows, remove_data=remove)
    np.testing.assert_allclose(gittrack.load_model(folder).predict(rows), expected)
    forget()
    with pytest.raises(NotTrusted, match=r"unpickling model\.statsmodels"):
        gittrack.load_model(folder)


def test_time_series(folder: Path) -> None:
    """From a start to an end, as MLflow asks for it."""
    series = sm.tsa.AutoReg(np.arange(30.0) + RANDOM.normal(size=30), lags=1).fit()
    gittrack.save_model(series, folder)
    loaded = gittrack.load_model(folder)
    found = loaded.predict(pd.DataFrame({"start": [30], "end": [32]}))
    np.testing.assert_allclose(found, series.predict(start=30, end=32))
    with pytest.raises(CannotPredict, match="from `start` to `end`"):
        loaded.predict(TABLE)


def test_what_is_no_result(folder: Path) -> None:
    """A model that was not fitted."""
    with pytest.raises(CannotSave, match="no result of statsmodels"):
        gittrack.save_model(sm.OLS(NUMBERS, TABLE), folder, flavor="statsmodels")


def test_what_cannot_be_pickled(folder: Path) -> None:
    """Somebody has put a function on it."""
    result = sm.OLS(NUMBERS, TABLE).fit()
    result.extra = lambda: 0
    result._results.extra = result.extra
    with pytest.raises(CannotSave, match="cannot be written"):
        gittrack.save_model(result, folder)
