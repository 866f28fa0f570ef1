from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

import gittrack
from gittrack.core.errors import UsageError
from gittrack.core.text import dump_json
from gittrack.launch.sweep.attempt import SweepRunning
from gittrack.launch.sweep.plan import Asked, made
from gittrack.launch.sweep.space import OneOf, SpaceError
from gittrack.launch.sweep.trials import BEST, NUMBER, OF, PLAN, PRUNED, NoSuchMetric, SweepFailed
from gittrack.query.search import search
from gittrack.query.select import resolve
from tests.support.sweeps import train

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run
    from gittrack.launch.sweep.view import View
    from gittrack.store.runs import RunStore


def nested(store: RunStore, sweep_id: str) -> list[Run]:
    """The runs of the trials, by number."""
    runs = search(store, f"parent_id = '{sweep_id}'", limit=None)
    return sorted(runs, key=lambda run: int(run.tags[NUMBER]))


def text_of(store: RunStore, run: Run) -> str:
    """What a run printed."""
    (output,) = (one for one in run.artifacts if one.path == "output.log")
    return store.objects.read(output.sha256).decode()


def test_each_call_is_a_run_nested_in_that_of_the_sweep(store: RunStore) -> None:
    """With its params, its number, the code and the environment."""
    result = gittrack.sweep(
        train, {"lr": [0.1, 0.01], "seed": range(2)}, workers=2, metric="loss", name="tune"
    )
    runs = nested(store, result.run_id)
    assert [run.params for run in runs] == [one.params for one in result.trials]
    assert [run.name for run in runs] == ["tune-0", "tune-1", "tune-2", "tune-3"]
    assert {run.status for run in runs} == {"finished"}
    assert all(run.tags[OF] == result.run_id and run.source.snapshot for run in runs)
    assert store.environment(runs[0].id)["python"]
    parent = store.get(result.run_id)
    assert (parent.status, parent.note) == ("finished", "grid of 4 trials: lr, seed")
    assert {PLAN, BEST} <= parent.tags.keys()
    assert not (store.git.directory / "sweeps" / result.run_id).exists()


def test_the_best_is_said_and_found(store: RunStore) -> None:
    """By the result, by the tag, and by `@best:METRIC:SWEEP`, whatever other runs there are."""
    result = gittrack.sweep(train, {"lr": [0.1, 0.01, 0.5]}, metric="loss")
    with gittrack.start_run():
        gittrack.log_metric("loss", 0)
    assert result.best is not None
    assert result.best.params == {"lr": 0.01}
    assert store.get(result.run_id).tags[BEST] == result.best.run_id
    assert resolve(store, f"@best:loss:{result.run_id}").id == result.best.run_id
    assert resolve(store, f"@worst:loss:{result.run_id}").params == {"lr": 0.5}
    assert resolve(store, "@best:loss").id != result.best.run_id
    record = result.to_json()
    assert (record["best"], record["goal"], len(record["trials"])) == (result.best.run_id, "min", 3)


@pytest.mark.usefixtures("store")
def test_what_a_function_returns_is_logged() -> None:
    """A number as the metric, a mapping of numbers by its names; closures can be swept."""
    offset = 1
    one = gittrack.sweep(lambda x: x + offset, {"x": [1, 2]}, metric="score", goal="max")
    two = gittrack.sweep(lambda x: {"score": x, "text": "no", "flag": True}, {"x": [1, 2]}, metric="score")
    assert [trial.value for trial in one.trials] == [2, 3]
    assert one.best is not None
    assert one.best.params == {"x": 2}
    assert two.trials[0].metrics == ("score",)


def test_what_a_trial_prints_is_kept_with_its_run(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """Of processes that it starts too, without secrets, and not on the screen."""

    def talk(x: int) -> None:
        print("lr is", x, flush=True)  # noqa: T201  that is the point
        os.system("echo from below; echo password=hunter2hunter2 >&2")  # noqa: S605

    result = gittrack.sweep(talk, {"x": [1]})
    said = text_of(store, nested(store, result.run_id)[0])
    assert "lr is 1\nfrom below\n" in said
    assert "hunter2" not in said
    assert capfd.readouterr() == ("", "")


def test_a_trial_that_fails_stops_no_other(store: RunStore) -> None:
    """Its traceback is kept, its error is in the result."""

    def odd(x: int) -> None:
        if x % 2:
            msg = f"no {x}"
            raise ValueError(msg)

    result = gittrack.sweep(odd, {"x": range(4)}, workers=2)
    assert [one.state for one in result.trials] == ["finished", "failed", "finished", "failed"]
    assert result.trials[1].error == "ValueError: no 1"
    assert "Traceback" in text_of(store, nested(store, result.run_id)[1])


def test_when_all_fail_the_first_error_is_said(store: RunStore) -> None:
    """The sweep is recorded as failed."""

    def fail(x: int) -> None:
        raise SystemExit(x)

    with pytest.raises(SweepFailed, match=r"all 2 trials failed, the first with SystemExit: 3") as raised:
        gittrack.sweep(fail, {"x": [3, 4]})
    assert store.get(raised.value.run_id).status == "failed"
    assert [run.exit_code for run in nested(store, raised.value.run_id)] == [3, 4]
    with pytest.raises(SweepFailed, match="the only trial failed: SystemExit: 3"):
        gittrack.sweep(fail, {"x": [3]})


def test_too_many_failures_end_it(store: RunStore) -> None:
    """No more are started."""
    with pytest.raises(SweepFailed, match="2 trials failed") as raised:
        gittrack.sweep(lambda x: 1 / x, {"x": [0, 1, 0.0, 2, 3]}, max_failures=2)
    assert len(nested(store, raised.value.run_id)) == 3


@pytest.mark.usefixtures("store")
def test_a_metric_that_nobody_logged() -> None:
    """It names the one that was probably meant."""
    with pytest.raises(NoSuchMetric, match="no trial logged the metric 'los'") as raised:
        gittrack.sweep(train, {"lr": [1, 2]}, metric="los")
    assert raised.value.hint == "did you mean 'loss'?"
    with pytest.raises(NoSuchMetric) as raised:
        gittrack.sweep(lambda x: None, {"x": [1]}, metric="los")  # noqa: ARG005
    assert raised.value.hint == "they logged no metric"


def test_a_blind_search_gives_up_early(store: RunStore) -> None:
    """TPE without its metric does not go through all trials."""
    with pytest.raises(NoSuchMetric) as raised:
        gittrack.sweep(train, {"lr": "uniform(0, 1)"}, metric="los", sampler="tpe", trials=50, seed=1)
    assert len(nested(store, raised.value.run_id)) == 3


@pytest.mark.parametrize("sampler", ["random", "tpe"])
@pytest.mark.usefixtures("store")
def test_a_seed_makes_a_search_the_same_again(sampler: Any) -> None:
    """One worker, one seed, the same params."""
    options: Any = {"sampler": sampler, "trials": 4, "seed": 5, "metric": "loss"}
    one, two = (gittrack.sweep(train, {"lr": "loguniform(1e-4, 1)"}, **options) for _ in range(2))
    assert [trial.params for trial in one.trials] == [trial.params for trial in two.trials]
    assert len({trial.params["lr"] for trial in one.trials}) == 4


def test_a_hopeless_trial_is_stopped_early(store: RunStore) -> None:
    """What is behind the median ends, says why, and counts as pruned."""

    def learn(x: int) -> None:
        for step in range(3 if x < 9 else 3000):
            gittrack.log_metric("loss", x, step)
            time.sleep(0.001 if x < 9 else 0.01)

    result = gittrack.sweep(learn, {"x": [1, 2, 3, 4, 5, 9]}, metric="loss", stop="median", workers=2)
    last = result.trials[-1]
    assert last.state == "pruned"
    run = store.get(last.run_id)
    assert (run.status, run.tags[PRUNED]) == ("killed", last.pruned)
    assert "behind the median" in run.tags[PRUNED]
    assert result.status == "finished"


def test_a_trial_that_takes_too_long_is_ended(store: RunStore) -> None:
    """Even one that will not hear of it would be; it counts as failed and is not repeated."""
    result = gittrack.sweep(lambda x: time.sleep(60 * x), {"x": [0, 1]}, trial_timeout=0.3)
    assert [one.state for one in result.trials] == ["finished", "killed"]
    assert result.trials[1].done
    again = gittrack.sweep(lambda x: None, resume=result.run_id)  # noqa: ARG005
    assert [one.run_id for one in again.trials] == [one.run_id for one in result.trials]
    assert len(nested(store, result.run_id)) == 2


@pytest.mark.usefixtures("store")
def test_when_the_time_is_up_no_more_are_started() -> None:
    """What runs is left to end; the rest can be had later."""
    result = gittrack.sweep(lambda x: time.sleep(0.2), {"x": range(50)}, timeout=0.1)  # noqa: ARG005
    assert 1 <= len(result.trials) < 50
    assert (result.status, result.reason) == ("finished", "the time is up")


def test_a_trial_whose_process_dies_is_a_failed_one(store: RunStore) -> None:
    """Its output is there, and the next trial gets a new process."""

    def die(x: int) -> None:
        print("before", flush=True)  # noqa: T201
        if x == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if x == 2:
            os._exit(5)

    result = gittrack.sweep(die, {"x": range(4)})
    assert [one.state for one in result.trials] == ["finished", "killed", "killed", "finished"]
    assert result.trials[1].error == "the process of the trial was ended by SIGKILL"
    assert result.trials[2].error == "the process of the trial ended with exit code 5"
    assert text_of(store, nested(store, result.run_id)[1]) == "before\n"


def interrupting(after: int) -> Callable[[View], None]:
    """Presses ^C when so many trials have ended."""
    ended: list[int] = []

    def observe(view: View) -> None:
        if view.ended is not None:
            ended.append(view.ended.number)
            if len(ended) == after:
                os.kill(os.getpid(), signal.SIGINT)

    return observe


def test_an_interrupted_sweep_goes_on_where_it_was(store: RunStore) -> None:
    """^C ends what runs; resumed, what has finished stays, what has not runs again, each once."""

    def wait(x: int) -> float:
        time.sleep(0.05)
        return x

    space = {"x": range(8)}
    with pytest.raises(KeyboardInterrupt):
        gittrack.sweep(wait, space, workers=2, metric="loss", observe=interrupting(3))
    (sweep,) = gittrack.search_runs(f"tags.`{PLAN}` LIKE '%'", output_format="list")
    assert sweep.status == "interrupted"
    before = {run.id for run in nested(store, sweep.id) if run.status == "finished"}
    assert 3 <= len(before) < 8
    result = gittrack.sweep(wait, workers=2, resume=sweep.id)
    assert [one.params["x"] for one in result.trials] == list(range(8))
    finished = [run for run in nested(store, sweep.id) if run.status == "finished"]
    assert len(finished) == 8
    assert before < {run.id for run in finished}
    assert (store.get(sweep.id).status, store.get(sweep.id).attempt) == ("finished", 2)


def test_of_two_that_resume_one_goes_on(store: RunStore) -> None:
    """The other one is told."""
    result = gittrack.sweep(train, {"lr": [1]})
    journal = store.resume(result.run_id, store.get(result.run_id))
    try:
        with pytest.raises(SweepRunning, match="is running"):
            gittrack.sweep(train, resume=result.run_id)
    finally:
        journal.close()


def test_a_resumed_search_may_have_more_trials(store: RunStore) -> None:
    """More are asked for; what is there stays."""
    options: Any = {"sampler": "random", "seed": 1}
    first = gittrack.sweep(train, {"lr": "uniform(0, 1)"}, trials=2, **options)
    more = gittrack.sweep(train, resume=first.run_id, trials=4)
    assert [one.run_id for one in more.trials[:2]] == [one.run_id for one in first.trials]
    assert len(nested(store, first.run_id)) == 4


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sampler": "tpe"}, "the sampler of that sweep is grid"),
        ({"metric": "acc"}, "the metric of that sweep is loss"),
        ({"space": {"lr": [2]}}, "another space"),
    ],
)
@pytest.mark.usefixtures("store")
def test_a_resumed_sweep_stays_what_it_is(options: dict[str, Any], says: str) -> None:
    """Anything that would make another one of it is refused."""
    first = gittrack.sweep(train, {"lr": [1]}, metric="loss")
    with pytest.raises(UsageError, match=says):
        gittrack.sweep(train, resume=first.run_id, **options)


def test_only_sweeps_are_resumed(store: RunStore) -> None:
    """Another run is none, and a plan that cannot be read is no plan."""
    with gittrack.start_run() as run:
        pass
    with pytest.raises(UsageError, match="is no sweep"):
        gittrack.sweep(train, resume=run.run_id)
    with gittrack.start_run(tags={PLAN: "{"}) as run:
        pass
    with pytest.raises(gittrack.GitTrackError, match="plan of the sweep"):
        gittrack.sweep(train, resume=run.run_id)
    plan = made(Asked({"lr": OneOf(("[redacted]",))}), seed=1, goal="max")
    with gittrack.start_run(tags={PLAN: dump_json(plan.to_json()).decode()}) as run:
        pass
    with pytest.raises(gittrack.GitTrackError, match="secret is hidden"):
        gittrack.sweep(train, resume=run.run_id)
    assert len(list(store.live_directories())) == 0


@pytest.mark.parametrize(
    ("space", "says"),
    [
        ({"lrr": [1]}, "train takes no param 'lrr'"),
        ({"seed": [1]}, "train needs 'lr'"),
        ({}, "nothing to sweep over"),
        ({"lr": []}, "is empty"),
        ({"lr": "uniform(0,1)"}, "a grid needs lists"),
    ],
)
@pytest.mark.usefixtures("store")
def test_mistakes_are_said_before_anything_is_recorded(space: dict[str, Any], says: str) -> None:
    """No run is left behind."""
    with pytest.raises(UsageError, match=says):
        gittrack.sweep(train, space)
    assert gittrack.search_runs(output_format="list") == []


@pytest.mark.usefixtures("store")
def test_any_param_is_taken_by_a_function_that_takes_any() -> None:
    """`**params` and built-in functions."""
    assert gittrack.sweep(lambda **params: len(params), {"a": [1], "b": [2]}, metric="n").trials[0].value == 2
    with pytest.raises(SpaceError):
        gittrack.sweep(dict, {})
    assert gittrack.sweep(dict, {"score": [3]}, metric="score").trials[0].value == 3


def test_a_sweep_within_a_run_is_nested_in_it(store: RunStore) -> None:
    """Runs of runs; what is logged around goes to the run around."""
    with gittrack.start_run() as run:
        result = gittrack.sweep(train, {"lr": [1]})
        gittrack.log_metric("around", 1)
    assert store.get(result.run_id).parent_id == run.run_id
    assert store.get(result.trials[0].run_id).parent_id == result.run_id
    assert set(store.get(run.run_id).metrics) == {"around"}


def test_fresh_interpreters(store: RunStore) -> None:
    """`spawn` runs functions of modules, and says of others that they cannot be sent."""
    result = gittrack.sweep(train, {"lr": [1, 2]}, workers=2, metric="loss", processes="spawn")
    assert [one.state for one in result.trials] == ["finished", "finished"]
    with pytest.raises(UsageError, match="cannot be sent"):
        gittrack.sweep(lambda x: x, {"x": [1]}, processes="spawn")
    assert {run.status for run in gittrack.search_runs(output_format="list")} == {"finished", "failed"}
    assert len(list(store.live_directories())) == 0
