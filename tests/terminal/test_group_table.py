from __future__ import annotations

import math
from typing import Any

from gittrack.core.records import MetricSummary, Run, Source
from gittrack.query.compare.groups import grouped
from gittrack.query.compare.importance import Importance
from gittrack.terminal.figures import spread
from gittrack.terminal.group_table import flat, importance_table, table
from gittrack.terminal.table import plain


def run(number: int, loss: float | None, **params: Any) -> Run:
    """A run with params and a last value of `loss`."""
    metrics = {} if loss is None else {"loss": MetricSummary(loss, 1, 1, loss, loss, 1)}
    return Run(f"r{number}", params=params, metrics=metrics)


def test_one_group_a_row() -> None:
    """Mean and deviation, the best marked, and the params that tell the groups apart besides."""
    runs = [run(0, 1.0, lr=1, w=5), run(1, 1.2, lr=1, w=5), run(2, 3.0, lr=2, w=6), run(3, None, lr=2, w=6)]
    lines = list(plain(table(grouped(runs, "param:lr", rules={"loss": "min"}))))
    assert [line.split() for line in lines] == [
        ["lr", "runs", "loss", "w"],
        ["1", "2", "1.10", "±", "0.14", "*", "5"],
        ["2", "2", "3", "(1", "of", "2)", "6"],
    ]


def test_nothing_to_average() -> None:
    """NaN is said; a group without the metric has an empty place."""
    runs = [run(0, math.nan, lr=1), run(1, None, lr=2), run(2, 1.0, lr=3)]
    rows = [line.split() for line in plain(table(grouped(runs, "param:lr")))][1:]
    assert rows == [["1", "1", "NaN"], ["2", "1", "-"], ["3", "1", "1"]]


def test_for_a_spreadsheet() -> None:
    """One group and metric a row, with numbers as they are."""
    header, rows = flat(grouped([run(0, 1.0, lr=1), run(1, 2.0, lr=1)], "param:lr"))
    assert dict(zip(header, rows[0], strict=True)) == {
        "param:lr": "1",
        "runs": 2,
        "metric": "loss",
        "n": 2,
        "mean": 1.5,
        "deviation": math.sqrt(0.5),
        "min": 1.0,
        "max": 2.0,
    }


def test_long_digests_are_cut() -> None:
    """A fingerprint shows its beginning."""
    runs = [Run("a", source=Source("1" * 40))]
    assert "1111111111 " in list(plain(table(grouped(runs, "code"))))[1]


def test_importance_of_params() -> None:
    """Shares in percent, and how sure."""
    found = [Importance("lr", 0.86, 0.001, -0.944, 3, 10), Importance("opt", 0.0, 0.4, None, 2, 10)]
    rows = [line.split() for line in plain(importance_table(found))]
    assert rows[1] == ["lr", "86%", "0.001", "-0.94", "3", "10"]
    assert rows[2] == ["opt", "0%", "0.4", "-", "2", "10"]
    assert "<0.001" in list(plain(importance_table([Importance("x", 1.0, 0.0001, 1.0, 2, 9)])))[1]


def test_digits_follow_the_deviation() -> None:
    """No more digits than the deviation bears."""
    assert spread(0.913244, 0.00081) == "0.91324 ± 0.00081"
    assert spread(1234.56, 12.3) == "1235 ± 12"
    assert spread(1.5, None) == "1.5"
    assert spread(1.5, 0.0) == "1.5 ± 0"
    assert spread(1e-9, 1e-10) == "1e-09 ± 1e-10"
    assert spread(1.0, math.inf) == "1 ± ∞"
