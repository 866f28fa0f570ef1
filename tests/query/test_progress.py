"""How far a run has come."""

from __future__ import annotations

import pytest

from gittrack.query.progress import Progress, is_own, progress
from gittrack.store.journal.tail import Point, Tail


def tail(key: str, *values: float, step: int = 0, every: int = 1000) -> Tail:
    """A metric with a value a second."""
    one = Tail(key)
    one.add(Point(step + place, value, place * every) for place, value in enumerate(values))
    return one


@pytest.mark.parametrize(
    "key", ["max_steps", "--max-steps", "trainer.max_steps", "MaxSteps", "total_iterations", "steps"]
)
def test_steps(key: str) -> None:
    """A param says how many there are."""
    assert progress({key: "20"}, [tail("loss", 3, 2, 1)]) == Progress(3, 20, "step", 1.0, 17.0)


def test_epochs_by_a_metric() -> None:
    """A metric named epoch says where it is."""
    found = progress({"epochs": 10}, [tail("loss", *range(50)), tail("epoch", 0, 0.5, 1)])
    assert found == Progress(1, 10, "epoch", 0.5, 18.0)
    assert found is not None
    assert found.share == 0.1


def test_epochs_by_steps() -> None:
    """Where steps are few enough to be epochs; else nobody can say."""
    assert progress({"num_epochs": 4}, [tail("acc", 1, 2)]) == Progress(2, 4, "epoch", 1.0, 2.0)
    assert progress({"num_epochs": 4}, [tail("acc", *range(9))]) == Progress(9, None, "step", 1.0, None)


def test_a_share() -> None:
    """From 0 to 1, or in percent."""
    found = progress({}, [tail("progress", 0.1, 0.2)])
    assert found is not None
    assert found[:3] == (20, 100, "%")
    assert found[3:] == pytest.approx((10, 8))
    assert progress({}, [tail("progress_percent", 10, 20)]) == Progress(20, 100, "%", 10.0, 8.0)


def test_what_nobody_says() -> None:
    """Without a point, without a total, without a rate."""
    assert progress({}, []) is None
    assert progress({"max_steps": 5}, [tail("system/cpu_percent", 1)]) is None
    one = progress({"max_steps": "many", "steps": -1}, [tail("loss", 1)])
    assert one == Progress(1, None, "step", None, None)
    assert one is not None
    assert one.share is None


def test_own_metrics() -> None:
    """Those of the machine."""
    assert is_own("gpu/0/utilisation")
    assert not is_own("loss")
