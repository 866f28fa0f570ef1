from __future__ import annotations

import pytest

from gittrack.query.changes.diff import Change
from gittrack.query.changes.why import reasons
from tests.golden.samples import ENVIRONMENT, OTHER_ENVIRONMENT, run

RUNS = (run(2), run(2, params={**run(2).params, "lr": 0.2}))
BOTH = (ENVIRONMENT, OTHER_ENVIRONMENT)


def causes(*changes: Change, code: list[str] | None = None) -> dict[tuple[str, ...], list[str]]:
    """Metrics to causes, of runs that differ in params and environment."""
    found = reasons(changes, RUNS, BOTH, code if code is not None else [])
    return {one.metrics: [suspect.cause for suspect in one.suspects] for one in found}


def test_every_metric_has_its_reasons() -> None:
    """Params before packages for a change that is large."""
    assert causes(Change("loss", 1.0, 0.5), Change("acc", 0.5, 0.75)) == {
        ("loss", "acc"): ["params", "python", "packages"]
    }


def test_code_comes_first() -> None:
    """Other code is the most likely reason."""
    assert causes(Change("loss", 1.0, 0.5), code=["train.py +1 -1"])[("loss",)][0] == "code"


def test_next_to_nothing_looks_like_rounding() -> None:
    """A library that rounds differently comes before what would change more."""
    found = causes(Change("loss", 1.0, 1.0 + 1e-9), Change("acc", 0.5, 0.75))
    assert found[("loss",)][0] == "packages"
    assert found[("acc",)][0] == "params"


@pytest.mark.parametrize("key", ["time/epoch", "train.tokens_per_s", "latency_ms", "system/cpu", "fps"])
def test_speed_is_of_the_machine(key: str) -> None:
    """What takes time depends on hardware and threads before code."""
    slow = {**ENVIRONMENT, "variables": {"OMP_NUM_THREADS": "1"}}
    found = reasons([Change(key, 1.0, 2.0)], (run(0), run(0)), (ENVIRONMENT, slow), ["train.py +1 -1"])
    assert (found[0].looks, found[0].suspects[0].cause) == ("speed", "threads")


@pytest.mark.parametrize("key", ["loss", "times_right", "systematic", "acc"])
def test_other_metrics_are_not_of_speed(key: str) -> None:
    """A name that only begins like one is none."""
    assert reasons([Change(key, 1.0, 2.0)], RUNS, BOTH, [])[0].looks == ""


def test_nothing_changed() -> None:
    """Metrics that are the same need no reason."""
    assert reasons([Change("loss", 1.0, 1.0)], RUNS, BOTH, []) == ()


def test_nothing_else_differs() -> None:
    """Then it is randomness, and said so."""
    (found,) = reasons([Change("loss", 1.0, 2.0)], (run(0), run(0)), (ENVIRONMENT, ENVIRONMENT), [])
    assert found.suspects[0].cause == "randomness"
    assert found.as_json()["suspects"][0]["cause"] == "randomness"
