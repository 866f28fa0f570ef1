from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.records import MetricSummary
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep.plan import Asked
from gittrack.launch.sweep.space import OneOf, Real
from gittrack.launch.sweep.state import settled, trials_of
from gittrack.launch.sweep.trials import NUMBER, OF, PRUNED, TIMED_OUT, Trial, best
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.runs import START, run

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

SPACE: Any = {"lr": Real(0, 1), "layers": OneOf(((64, 64), (128,))), "kind": OneOf(("1", "2"))}
PLAN = plans.made(Asked(SPACE, sampler="random", trials=5, metric="loss"), seed=1, goal="min")


def commit(store: RunStore, *trials: dict[str, Any]) -> None:
    """Runs on the branch, the first one the oldest."""
    files: dict[str, bytes] = {}
    for place, fields in enumerate(trials):
        tags = {OF: "s", **fields.pop("tags", {})}
        one = run(
            id=f"20261124-0403{place:02d}-abcd000{place}", start_time=START + place, tags=tags, **fields
        )
        files |= layout.run_files(one, [], None)
    branch.submit(store.git, Changes("runs", files))


def test_the_trial_that_is_done_counts(store: RunStore) -> None:
    """Of several runs of a number the finished one, else the last."""
    commit(
        store,
        {"tags": {NUMBER: "0"}, "status": "killed"},
        {"tags": {NUMBER: "0"}},
        {"tags": {NUMBER: "0"}, "status": "interrupted"},
        {"tags": {NUMBER: "1"}, "status": "killed"},
        {"tags": {NUMBER: "1"}, "status": "lost"},
    )
    zero, one = trials_of(store, "s", PLAN)
    assert (zero.status, zero.done, zero.run_id[-1]) == ("finished", True, "1")
    assert (one.status, one.done, one.run_id[-1]) == ("lost", False, "4")


def test_what_is_no_trial_is_passed_over(store: RunStore) -> None:
    """Numbers that somebody made up, and other sweeps."""
    numbers = ["5", "-1", "x", "²", "9" * 30]
    commit(store, *({"tags": {NUMBER: text}} for text in numbers), {"tags": {NUMBER: "1", OF: "other"}}, {})
    assert trials_of(store, "s", PLAN) == []


def test_params_are_the_values_of_the_space(store: RunStore) -> None:
    """Where a program logged them as something that looks the same; others are as they were logged."""
    commit(store, {"tags": {NUMBER: "2"}, "params": {"lr": 0.5, "layers": [64, 64], "kind": 2, "x": 1}})
    (trial,) = trials_of(store, "s", PLAN)
    assert trial.params == {"lr": 0.5, "layers": (64, 64), "kind": "2"}


@pytest.mark.parametrize(
    ("fields", "state", "done", "failed"),
    [
        ({}, "finished", True, False),
        ({"status": "failed", "exit_code": 2}, "failed", True, True),
        ({"status": "oom"}, "oom", True, True),
        ({"status": "killed", "signal": "SIGTERM"}, "killed", False, True),
        ({"status": "killed", "tags": {PRUNED: "why"}}, "pruned", True, False),
        ({"status": "killed", "tags": {TIMED_OUT: "why"}}, "killed", True, True),
        ({"status": "running"}, "running", False, False),
    ],
)
def test_what_a_status_says(
    store: RunStore, fields: dict[str, Any], state: str, *, done: bool, failed: bool
) -> None:
    """Whether a trial is done with, and whether it went wrong."""
    commit(store, {**fields, "tags": {NUMBER: "0", **fields.get("tags", {})}})
    (trial,) = trials_of(store, "s", PLAN)
    assert (trial.state, trial.done, trial.failed) == (state, done, failed)
    assert (trial.error is not None) == (state not in {"finished", "running"})


def test_the_best_is_a_finished_one_with_a_number() -> None:
    """Of equals the first; NaN and failed ones never."""
    values = [float("nan"), 2.0, 1.0, 1.0, None]
    trials = [Trial(number, {}, "r", "finished", value=value) for number, value in enumerate(values)]
    trials.append(Trial(9, {}, "r", "failed", value=0.0))
    least, most = best(trials, "min"), best(trials, "max")
    assert least is not None
    assert most is not None
    assert (least.number, most.number) == (2, 1)
    assert best(trials[:1], "min") is None


def test_a_value_that_json_does_not_know_is_text() -> None:
    """`--json` stays JSON."""
    assert Trial(0, {}, "r", value=float("inf")).to_json()["value"] == "inf"


def test_a_run_that_never_began(store: RunStore) -> None:
    """There is none."""
    assert settled(store, store.new_id()) is None


def test_summaries_become_values(store: RunStore) -> None:
    """The last value of the metric and its step."""
    commit(store, {"tags": {NUMBER: "0"}, "metrics": {"loss": MetricSummary(0.5, 7, START, 0.1, 1, 8)}})
    (trial,) = trials_of(store, "s", PLAN)
    assert (trial.value, trial.step, trial.metrics) == (0.5, 7, ("loss",))
