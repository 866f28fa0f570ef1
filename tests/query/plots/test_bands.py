"""What puts the curves of several runs together."""

from __future__ import annotations

from gittrack.core.records import Run
from gittrack.core.series import Series
from gittrack.query.plots.bands import alike, at, by_epoch, is_seed


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


def test_between_points() -> None:
    """A straight line; beyond the last point its value."""
    assert at([(0, 0), (10, 10)], 5) == 5
    assert at([(0, 1), (1, 2)], 1) == 2
    assert at([(0, 1), (1, 2)], 5) == 2


def test_steps_as_epochs() -> None:
    """Between two epochs after the share of the steps; before the first and after the last as those."""
    epochs, series = Series("epoch"), Series("loss")
    for step, epoch in ((10, 1.0), (20, 2.0)):
        epochs.append(step, epoch, 0)
    for step in (0, 10, 15, 20, 30):
        series.append(step, 0.0, 0)
    assert by_epoch(series, epochs) == [1, 1, 1.5, 2, 2]
