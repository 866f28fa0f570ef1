"""Runs that differ in the seed only, as one curve."""

from __future__ import annotations

from gittrack.core.records import Run
from gittrack.core.series import Series
from gittrack.query.bands import alike, at, band, by_epoch, is_seed


def test_seeds() -> None:
    """By the last part of a name."""
    assert is_seed("seed")
    assert is_seed("trainer.random-state")
    assert not is_seed("seeds.file")


def test_alike() -> None:
    """Same experiment, same params but for the seed."""
    runs = [
        Run("a", params={"lr": 1, "seed": 1}),
        Run("b", params={"lr": 2, "seed": 1}),
        Run("c", params={"seed": 2, "lr": 1}),
        Run("d", "other", params={"lr": 1}),
    ]
    assert [[run.id for run in group] for group in alike(runs)] == [["a", "c"], ["b"], ["d"]]


def test_a_band() -> None:
    """Mean and extremes where all curves are; between points by a straight line."""
    made = band([[(0, 0), (10, 10)], [(0, 10), (5, 20), (10, 30)], []])
    assert made.mean == [(0, 5), (5, 12.5), (10, 20)]
    assert made.low == [(0, 0), (5, 5), (10, 10)]
    assert made.high == [(0, 10), (5, 20), (10, 30)]
    assert band([]).mean == []
    many = [(float(x), float(x)) for x in range(5000)]
    assert len(band([many, many]).mean) == 400
    assert at([(0, 1), (1, 2)], 5) == 2


def test_steps_as_epochs() -> None:
    """Between two epochs after the share of the steps; before the first and after the last as those."""
    epochs, series = Series("epoch"), Series("loss")
    for step, epoch in ((10, 1.0), (20, 2.0)):
        epochs.append(step, epoch, 0)
    for step in (0, 10, 15, 20, 30):
        series.append(step, 0.0, 0)
    assert by_epoch(series, epochs) == [1, 1, 1.5, 2, 2]
