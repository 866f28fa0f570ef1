from __future__ import annotations

import math

import pytest

from gittrack.core.errors import SelectionError
from gittrack.core.records import MetricSummary, Run
from gittrack.query.compare.groups import grouped
from gittrack.query.compare.importance import importance
from gittrack.query.compare.pictures import groups_sheet, importance_sheet, runs_sheet
from gittrack.query.compare.side_by_side import compare
from gittrack.query.drawing.shapes import Dot, Sheet, Stroke, Words


def run(number: int, acc: float, lr: float) -> Run:
    """A run with a last value of `acc`, and a `loss` that is no number."""
    values = {"acc": acc, "loss": math.nan}
    metrics = {name: MetricSummary(one, 1, 1, one, one, 1) for name, one in values.items()}
    return Run(f"r{number}", name=f"run {number}", params={"lr": lr}, metrics=metrics)


RUNS = [run(0, 0.7, 0.1), run(1, 0.9, 0.2), run(2, 0.8, 0.2), run(3, 0.6, 0.1)]


def of(drawn: Sheet, kind: type) -> list[object]:
    """The shapes of a kind, axes apart."""
    return [one for one in drawn.shapes if isinstance(one, kind) and getattr(one, "curve", 0) is not None]


def said(drawn: Sheet) -> list[str]:
    """The texts of a sheet."""
    return [one.text for one in drawn.shapes if isinstance(one, Words)]


def test_runs() -> None:
    """A dot each, the best of them in green; a metric without a finite value is left out."""
    drawn = runs_sheet(compare(RUNS, {"acc": "max"}))
    assert [one.curve for one in of(drawn, Dot) if isinstance(one, Dot)] == [0, 2, 0, 0]
    assert "acc (max)" in said(drawn)
    assert "run 1 r1" in said(drawn)
    assert "loss" not in said(drawn)


def test_groups() -> None:
    """The mean with a line of its deviation, and how many runs."""
    drawn = groups_sheet(grouped(RUNS, "param:lr", None, {"acc": "max"}))
    assert len(of(drawn, Dot)) == len(of(drawn, Stroke)) == 2
    assert "0.1 (n=2)" in said(drawn)
    assert "mean ± standard deviation; green is the best" in said(drawn)


def test_a_group_of_one() -> None:
    """Has no deviation, so no line."""
    assert not of(groups_sheet(grouped(RUNS[:1], "param:lr")), Stroke)


def test_importance() -> None:
    """A bar a param."""
    drawn = importance_sheet(importance(RUNS, "acc"), "acc")
    assert "What explains acc" in said(drawn)
    assert len(of(drawn, Stroke)) == 1


def test_nothing_to_draw() -> None:
    """Runs without metrics, or whose params do not vary."""
    bare = [Run("a"), Run("b")]
    with pytest.raises(SelectionError, match="no metric to draw"):
        runs_sheet(compare(bare))
    with pytest.raises(SelectionError, match="no metric to draw"):
        groups_sheet(grouped(bare, "status"))
    with pytest.raises(SelectionError, match="no param varies"):
        importance_sheet([], "acc")
