"""What a worker of Spark does with a batch; tests/frameworks/spark has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import gittrack
from gittrack.core.errors import InvalidValue
from gittrack.models.scoring import shipped
from gittrack.models.scoring.shipped import pack
from gittrack.models.scoring.spark import _given, _Plan, _worker

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]})


class Given:
    """A model that gives what it was made with, for the columns that it gets."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, data: Any) -> Any:
        """The answer, or the names of the columns."""
        return self.answer if self.answer is not None else pd.Series([",".join(map(str, data.columns))])


def found(folder: Path, answer: Any, result: Any, columns: Any, names: Any = None) -> Any:
    """What a worker gives for one batch."""
    gittrack.save_model(Given(answer), folder / "m")
    packed = pack(folder / "m")
    shipped._LOADED.clear()  # as in another process
    worker = _worker(lambda: _given(packed), _Plan(names, result, {}))
    return next(worker(iter([columns])))


@pytest.mark.parametrize(
    ("columns", "names", "seen"),
    [
        ((TABLE["a"], TABLE["b"]), ("x", "y"), "x,y"),
        ((TABLE["a"], TABLE["b"]), None, "0,1"),
        ((TABLE["a"], TABLE["b"]), ("x",), "0,1"),
        (TABLE["a"], ("x",), "x"),
        ((TABLE,), ("x", "y"), "a,b"),
    ],
)
def test_columns(tmp_path: Path, columns: Any, names: Any, seen: str) -> None:
    """They have the names of the signature, or those of a struct."""
    assert found(tmp_path, None, "string", columns, names).tolist() == [seen]


@pytest.mark.parametrize(
    ("answer", "result", "values"),
    [
        ([1.5, 2.5], "double", [1.5, 2.5]),
        ([1.5, 2.5], "int", [1, 2]),
        ([1.5, 2.5], "string", ["1.5", "2.5"]),
        (["x", "y"], "string", ["x", "y"]),
        (np.array([[1, 2], [3, 4]]), "array<bigint>", [[1, 2], [3, 4]]),
        (np.array([[1, 2], [3, 4]]), "bigint", [1, 3]),
        (pd.Series([np.array([1]), [2]]), "array<int>", [[1], [2]]),
        (np.ones((2, 1, 2)), "array<array<double>>", [[[1, 1]], [[1, 1]]]),
    ],
)
def test_results(tmp_path: Path, answer: Any, result: str, values: Any) -> None:
    """They are of the type that was asked for."""
    assert found(tmp_path, answer, result, (TABLE["a"],)).tolist() == values


def test_structs(tmp_path: Path) -> None:
    """By name where the names are known, by place where they are not."""
    named = found(tmp_path, TABLE, {"b": "float", "a": "int"}, (TABLE["a"],))
    assert list(named.columns) == ["b", "a"]
    assert named["b"].tolist() == [3, 4]
    placed = found(tmp_path / "2", TABLE, {"x": "int", "y": "double"}, (TABLE["a"],))
    assert placed["y"].tolist() == [3, 4]
    with pytest.raises(InvalidValue, match="the model gives 2 columns, and the result type has 1"):
        found(tmp_path / "3", TABLE, {"x": "int"}, (TABLE["a"],))
