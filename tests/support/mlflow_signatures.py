"""What MLflow makes of signatures; run by a Python that has MLflow, see `tests/support/real_mlflow.py`.

One JSON object a line. `infer`: a recipe of data; `schema` and `enforce`: inputs as JSON, and a recipe.
A recipe is Python that both sides evaluate.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd

NAMES = {"np": np, "pd": pd, "dt": dt, "decimal": decimal}


def made(recipe: str) -> Any:
    """The data of a recipe."""
    return eval(recipe, dict(NAMES))  # noqa: S307  the tests wrote it


def told(data: Any) -> Any:
    """Data as JSON: types and values of a table, an array, a mapping of arrays."""
    if isinstance(data, pd.DataFrame):
        return {str(name): [_dtype(data[name]), list(map(_plain, data[name]))] for name in data.columns}
    if isinstance(data, dict):
        return {name: told(value) for name, value in data.items()}
    return [str(data.dtype), list(data.shape), list(map(_plain, np.ravel(data)))]


def _dtype(series: Any) -> str:
    return str(series.dtype)


def _plain(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"array{list(map(_plain, value))}"
    if isinstance(value, (list, tuple)):
        return f"{list(map(_plain, value))}"
    return "missing" if value is None or value is pd.NA or value != value else repr(value)  # noqa: PLR0124  NaN


def answer(question: dict[str, Any]) -> Any:
    """What MLflow makes of it."""
    from mlflow.exceptions import MlflowException
    from mlflow.models.signature import infer_signature
    from mlflow.models.utils import _enforce_schema
    from mlflow.types.schema import Schema

    try:
        if "params" in question:
            found = infer_signature(params=made(question["params"]))
            return json.loads(found.to_dict()["params"])
        if "infer" in question:
            return json.loads(infer_signature(made(question["infer"])).to_dict()["inputs"])
        schema = Schema.from_json(json.dumps(question["schema"]))
        return told(_enforce_schema(made(question["enforce"]), schema))
    except MlflowException as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001  what it does not foresee
        return {"crashed": repr(error)}


def main() -> None:
    """Answer until there are no more questions."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
