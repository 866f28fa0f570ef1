from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import AmbiguousRun, RunNotFound, SelectionError
from gittrack.core.events import Deleted
from gittrack.core.records import MetricSummary, Source
from gittrack.query.select import goal, resolve
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.runs import START, run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

IDS = ("20261124-040313-abcd0001", "20261124-040314-abcd0002", "20261125-040313-zzzz0001")


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    """Three committed runs, the newest last."""
    made = [
        run(
            id=run_id,
            name=name,
            start_time=START + number * 1000,
            metrics=metrics(loss=number, acc=number, nan=float("nan")),
            source=Source(
                commit=f"{number}{number}{number}f" + "0" * 36, snapshot=f"5eed{number}" + "0" * 35
            ),
        )
        for number, (run_id, name) in enumerate(zip(IDS, ("base", "base", "wide"), strict=True))
    ]
    files = {path: content for one in made for path, content in layout.run_files(one, [], None).items()}
    branch.submit(store.git, Changes("runs", files))
    return made


def metrics(**values: float) -> dict[str, MetricSummary]:
    """Summaries of metrics."""
    return {key: MetricSummary(value, 1, START, value, value, 1) for key, value in values.items()}


def fails(store: RunStore, text: str, **options: Any) -> SelectionError:
    """The error of a RUN that names none."""
    with pytest.raises((RunNotFound, AmbiguousRun)) as raised:
        resolve(store, text, **options)
    assert raised.value.hint
    return raised.value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (IDS[0], 0),
        (f" {IDS[0]} ", 0),
        ("20261125", 2),
        ("bcd0002", 1),
        ("ZZZZ0001", 2),
        ("zzz0", 2),
        ("wide", 2),
        ("@last", 2),
        ("@LAST~1", 1),
        ("@last~2", 0),
        ("@best:acc", 2),
        ("@worst:acc", 0),
        ("@best:loss", 0),
        ("@worst:loss", 2),
        ("@111f", 1),
        ("@5EED2", 2),
    ],
)
def test_resolve(store: RunStore, runs: list[Run], text: str, number: int) -> None:
    """A RUN names one run in many ways."""
    assert resolve(store, text).id == runs[number].id


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "gittrack ls"),
        ("ab", "3 characters"),
        ("wade", "did you mean wide"),
        ("20261124-040313-abcd000x", IDS[0]),
        ("nothing like it", "gittrack ls"),
        ("@last~3", "gittrack ls"),
        ("@best:accc", "@best:acc?"),
        ("@worst:zzzzzz", "gittrack ls"),
        ("@best:nan", "gittrack ls"),
        ("@beef", "gittrack ls"),
        ("@first", "@last"),
        ("metrics.acc > 0", "gittrack ls"),
        ("a%b_c", "gittrack ls"),
        ("\0\ud800\0", "gittrack ls"),
    ],
)
def test_not_found(store: RunStore, text: str, hint: str) -> None:
    """What names no run says what might."""
    error = fails(store, text)
    assert isinstance(error, RunNotFound)
    assert hint in str(error.hint)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("text", ["base", "20261124", "abcd", "0001"])
def test_ambiguous(store: RunStore, text: str) -> None:
    """What names several runs lists them."""
    error = fails(store, text)
    assert isinstance(error, AmbiguousRun)
    assert error.message == f"{text} may be 2 runs"
    assert IDS[0] in str(error.hint)


def test_no_runs(store: RunStore) -> None:
    """Without any run, none is the last."""
    assert fails(store, "@last").message == "no run yet"


def test_name_before_piece(store: RunStore, runs: list[Run]) -> None:
    """A name wins over a piece of another id."""
    journal = store.create(
        run(id="20261126-000000-live0000", name="20261124", status="running", end_time=None)
    )
    assert resolve(store, "20261124").id == "20261126-000000-live0000"
    journal.close()
    assert runs


def test_live(store: RunStore, runs: list[Run]) -> None:
    """A live run is found as the others are."""
    journal = store.create(run(id="20261126-000000-live0000", status="running", end_time=None))
    assert resolve(store, "live").status == "running"
    assert resolve(store, "wide").id == runs[2].id
    journal.close()


def test_live_ambiguous(store: RunStore, runs: list[Run]) -> None:
    """A live run counts where a piece names several."""
    journal = store.create(run(id="20261126-000000-zzzz0000", status="running", end_time=None))
    assert "2 runs" in fails(store, "zzzz").message
    journal.close()
    assert runs


def test_deleted(store: RunStore, runs: list[Run]) -> None:
    """A hidden run is found by its whole id, or where hidden ones are asked for."""
    store.edit([IDS[2]], [Deleted()])
    assert resolve(store, IDS[2]).deleted
    assert resolve(store, "zzzz", deleted=True).deleted
    assert resolve(store, "@last").id == runs[1].id
    assert resolve(store, "@last", deleted=True).id == IDS[2]
    assert "restore" in str(fails(store, "zzzz").hint)


def test_deleted_out_of_the_way(store: RunStore, runs: list[Run]) -> None:
    """A hidden run makes no name ambiguous."""
    store.edit([IDS[0]], [Deleted()])
    assert resolve(store, "base").id == runs[1].id


def test_goal_of_setting(repo: Path, store: RunStore, runs: list[Run]) -> None:
    """The setting `metrics` says what is best."""
    (repo / "gittrack.yaml").write_text("metrics:\n  loss: {goal: max}\n")
    assert resolve(type(store).open(start=repo), "@best:loss").id == runs[2].id


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("loss", "min"),
        ("val/loss", "min"),
        ("train_loss", "min"),
        ("valLoss", "min"),
        ("RMSE", "min"),
        ("test.mae", "min"),
        ("perplexity", "min"),
        ("top5_error", "min"),
        ("acc", "max"),
        ("glossary", "max"),
        ("f1", "max"),
        ("timeliness", "max"),
    ],
)
def test_goal_by_name(metric: str, expected: str) -> None:
    """Without a setting, the name says whether less is better."""
    assert goal(metric, {}) == expected


def test_many_ambiguous(store: RunStore) -> None:
    """A long list of runs is cut."""
    made = [run(id=f"20261124-040313-abcd000{number}") for number in range(7)]
    files = {path: content for one in made for path, content in layout.run_files(one, [], None).items()}
    branch.submit(store.git, Changes("runs", files))
    error = fails(store, "abcd")
    assert error.message == "abcd may be 7 runs"
    assert str(error.hint).endswith(", …")


def test_the_best_of_a_sweep(store: RunStore, runs: list[Run]) -> None:
    """Among the finished runs nested in a RUN; a metric whose name has a colon comes first."""
    nested = [
        run(
            id=f"20261126-040313-best000{number}",
            parent_id=runs[0].id,
            metrics=metrics(**values),
            status=status,
        )
        for number, (values, status) in enumerate(
            [
                ({"loss": 7}, "finished"),
                ({"loss": 8}, "finished"),
                ({"loss": -1}, "failed"),
                ({"a:b": 1}, "finished"),
            ]
        )
    ]
    files = {path: content for one in nested for path, content in layout.run_files(one, [], None).items()}
    branch.submit(store.git, Changes("runs", files))
    assert resolve(store, f"@best:loss:{runs[0].id}") == nested[0]
    assert resolve(store, f"@worst:loss:{runs[0].id[:-1]}") == nested[1]
    assert resolve(store, "@best:loss") == nested[2]
    assert resolve(store, "@best:a:b") == nested[3]
    assert "has the metric 'los'" in fails(store, f"@best:los:{runs[0].id}").message
    assert "no run is nested in" in fails(store, f"@best:loss:{runs[1].id}").message
    assert "no run nothing" in fails(store, "@best:loss:nothing").message
