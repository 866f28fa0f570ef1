from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep.plan import Asked
from gittrack.launch.sweep.space import OneOf
from gittrack.launch.sweep.trials import SweepResult, Trial, best
from gittrack.launch.sweep.view import View
from gittrack.terminal import sweep_table
from gittrack.terminal.page import plain_page
from gittrack.terminal.table import plain

if TYPE_CHECKING:
    from gittrack.core.records import Status

PLAN = plans.made(
    Asked({"lr": OneOf((0.1, 0.2, 0.3)), "epochs": OneOf((9,))}, metric="loss"), seed=1, goal="min"
)


def trial(number: int, status: Status = "finished", **fields: Any) -> Trial:
    """A trial that took two seconds."""
    given: dict[str, Any] = {"value": 1.0 - number / 10, "start_time": 1000, "end_time": 3000, **fields}
    params = {"lr": (number + 1) / 10, "epochs": 9}
    return Trial(number, params, f"20261124-040313-abcd000{number}", status, **given)


def view(*trials: Trial, ended: Trial | None = None, stopping: str = "", plan: plans.Plan = PLAN) -> View:
    """A sweep with these trials."""
    curves = {0: [(0, 2.0), (1, 1.0)], 2: [(0, 5.0), (1, 0.25)]}
    left = plan.trials - len(trials)
    return View("ID", plan, 2, trials, curves, best(trials, "min"), left, ended, 5000, stopping)


def test_the_page_of_a_running_sweep() -> None:
    """How far it is, the best, and a row for each trial; params that do not vary are left out."""
    trials = trial(0), trial(1, "failed", error="exit code 1"), trial(2, "running", value=None, end_time=None)
    lines = list(plain_page(sweep_table.page(view(*trials), 24)))
    assert lines[:2] == [
        "sweep ID: 2 of 3 trials, 1 running, 1 failed, 0.5s left",
        "best loss 1 in trial 0: lr=0.1",
    ]
    assert [line.split() for line in lines[3:]] == [
        ["trial", "lr", "loss", "status", "time"],
        ["0", "0.1", "1", "█▁", "✓", "finished", "2.0s"],
        ["1", "0.2", "0.9", "-", "✗", "failed", "2.0s"],
        ["2", "0.3", "0.25", "█▁", "●", "running", "5.0s"],
    ]


def test_what_has_no_room_is_old() -> None:
    """Running trials, the best one and the newest stay."""
    many = [trial(number, end_time=3000 + number, value=float(number)) for number in range(9)]
    many.append(replace(trial(9), status="running", value=None))
    rows = list(plain_page(sweep_table.page(view(*many), 10)))[4:]
    assert [row.split()[0] for row in rows] == ["0", "7", "8", "9"]


def test_before_the_first_value_and_at_the_end() -> None:
    """There is no best yet; nothing is left; why it ends is said."""
    assert (
        sweep_table.headline(view(trial(0, "queued", end_time=None, value=None)))
        == "sweep ID: 0 of 3 trials, 1 queued"
    )
    assert "no value of loss yet" in list(plain_page(sweep_table.page(view(), 9)))
    assert sweep_table.headline(view(trial(0), trial(1), trial(2))) == "sweep ID: 3 of 3 trials"
    assert sweep_table.headline(view(trial(0), stopping="interrupted")).endswith(", ending: interrupted")
    unmeasured = view(trial(0, value=None), plan=replace(PLAN, metric=None))
    assert list(plain_page(sweep_table.page(unmeasured, 9)))[2].split() == ["trial", "lr", "status", "time"]


def test_a_line_for_each_trial_that_ended() -> None:
    """Nothing when something else happened."""
    pruned = trial(1, "killed", pruned="behind")
    assert list(sweep_table.lines(view(trial(0)))) == []
    assert list(sweep_table.lines(view(trial(0), ended=trial(0)))) == [
        "1/3 trial 0 lr=0.1 loss 1 finished in 2.0s (best so far)"
    ]
    assert list(sweep_table.lines(view(pruned, ended=pruned))) == [
        "1/3 trial 1 lr=0.2 loss 0.9 pruned in 2.0s: behind"
    ]


def test_what_came_of_it() -> None:
    """Counts, what failed first, why it ended early, the best and how to have it again."""
    failed = trial(1, "failed", error="bad \x1b[31m")
    result = SweepResult("ID", PLAN, (trial(0), failed), "finished", "the time is up")
    assert list(sweep_table.summary(result)) == [
        "sweep ID finished: 1 finished, 1 failed of 3 trials",
        "ended early: the time is up; `gittrack sweep --resume ID` goes on",
        "first failure: trial 1, run 20261124-040313-abcd0001, bad \\x1b[31m",
        "best loss 1: trial 0, run 20261124-040313-abcd0000, lr=0.1",
        "again: gittrack reproduce 20261124-040313-abcd0000",
    ]
    assert list(sweep_table.summary(replace(result, trials=(trial(0, value=None),), reason=""))) == [
        "sweep ID finished: 1 finished of 3 trials"
    ]


def test_the_trials_that_would_run() -> None:
    """Only params that vary."""
    preview = {"points": [{"lr": 0.1, "epochs": 9}, {"lr": 0.2, "epochs": 9}], "varying": ["lr"]}
    assert list(plain(sweep_table.preview_table(preview))) == ["trial   lr", "    0  0.1", "    1  0.2"]
