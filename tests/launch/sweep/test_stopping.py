from __future__ import annotations

import random
import warnings
from typing import TYPE_CHECKING

import optuna
import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.sweep.stopping import Rule, parse, reason

if TYPE_CHECKING:
    from gittrack.launch.sweep.stopping import Curve

MEDIAN, HALVING = Rule("median", 0), Rule("halving", 1)


def flat(value: float, steps: int = 10) -> Curve:
    """A curve that does not change."""
    return [(step, value) for step in range(steps)]


def test_rules_are_read() -> None:
    """A name, and the step from which it holds."""
    assert parse("median") == Rule("median", 0)
    assert parse("median:20") == Rule("median", 20)
    assert parse("halving") == Rule("halving", 1)
    assert parse("halving:0") == Rule("halving", 1)
    for text in ("", "mean", "median:x", "median:-1"):
        with pytest.raises(UsageError, match="no such rule"):
            parse(text)


def test_behind_the_median_is_stopped() -> None:
    """With less being better, a high curve ends; a low one goes on."""
    others = [flat(value) for value in (1, 2, 3, 4, 5)]
    assert "median of 5 others, 3" in (reason(MEDIAN, flat(4), others, "min") or "")
    assert reason(MEDIAN, flat(2), others, "min") is None
    assert reason(MEDIAN, flat(2), others, "max") is not None


def test_the_median_wants_five_others_that_got_there() -> None:
    """Too few, or too short, and nobody is stopped; nor before the first step."""
    others = [flat(value) for value in (1, 2, 3, 4)]
    assert reason(MEDIAN, flat(9), others, "min") is None
    assert "at step 2 " in (reason(MEDIAN, flat(9), [*others, flat(1, 3)], "min") or "")
    assert reason(MEDIAN, flat(9)[5:], [*others, flat(1, 3)], "min") is None
    assert reason(Rule("median", 20), flat(9), [*others, flat(1)], "min") is None
    assert reason(Rule("median", 20), flat(9, 22), [flat(1, 30)] * 5, "min") is not None


def test_nothing_is_no_reason() -> None:
    """A trial that logged nothing, or no number, goes on."""
    assert reason(MEDIAN, [], [flat(1)] * 5, "min") is None
    assert reason(MEDIAN, flat(float("nan")), [flat(1)] * 5, "min") is None
    assert reason(MEDIAN, flat(5), [[]] * 5, "min") is None


def test_halving_lets_the_best_third_go_on() -> None:
    """At each rung only those among the best third of all that came go on."""
    others = [flat(value) for value in (1, 2, 3, 4, 5)]
    assert reason(HALVING, flat(0), others, "min") is None
    assert reason(HALVING, flat(1.5), others, "min") is None
    assert "not among the best 2 of 6" in (reason(HALVING, flat(2.5), others, "min") or "")
    assert reason(HALVING, flat(9, 1), others, "min") is None  # below the first rung
    assert reason(HALVING, flat(9), [flat(1)], "min") is None  # alone with another one


def test_the_median_rule_is_that_of_optuna() -> None:
    """On random curves it stops what Optuna's MedianPruner stops, where all others are complete."""
    rng = random.Random(3)
    for _ in range(30):
        curves = [[(step, rng.random()) for step in range(6)] for _ in range(8)]
        own = [(step, rng.random()) for step in range(rng.randint(1, 6))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=0)
        study = optuna.create_study(direction="minimize", pruner=pruner)
        for curve in curves:
            values = dict(curve)
            study.add_trial(optuna.trial.create_trial(value=curve[-1][1], intermediate_values=values))
        trial = study.ask()
        for step, value in own:
            trial.report(value, step)
        assert (reason(MEDIAN, own, curves, "min") is not None) == trial.should_prune()
