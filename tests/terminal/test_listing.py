from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import UsageError
from gittrack.terminal import listing
from tests.golden.samples import NOW, RULES, run

if TYPE_CHECKING:
    from gittrack.terminal.table import Table

RUNS = [run(number) for number in range(4)]


def titles(table: Table) -> list[str]:
    """The titles of a table."""
    return [column.title for column in table.columns]


def test_params_that_are_the_same_are_left_out() -> None:
    """Only params that differ have a column."""
    assert {"lr", "width"} <= set(titles(listing.table(RUNS, now=NOW)))
    assert not {"seed", "optimizer"} & set(titles(listing.table(RUNS, now=NOW)))


def test_metrics_with_a_goal_rank_first() -> None:
    """A metric with a goal is kept before one without."""
    ranks = {
        one.title: one.rank for one in listing.table(RUNS, now=NOW, rules={"val/*": {"goal": "max"}}).columns
    }
    assert ranks["val/acc"] < ranks["loss"]


def test_system_metrics_are_left_out() -> None:
    """What the monitor measures is only shown when asked for."""
    metrics = {**RUNS[0].metrics, "system/cpu": RUNS[0].metrics["loss"]}
    runs = [run(0, metrics=metrics)]
    assert "system/cpu" not in titles(listing.table(runs, now=NOW))
    assert titles(listing.table(runs, now=NOW, columns=["system/cpu"])) == ["system/cpu"]


def test_experiments_and_users_show_when_there_are_several() -> None:
    """A column that is the same in all runs says nothing."""
    mixed = [RUNS[0], run(1, experiment="other", user="bob")]
    assert {"experiment", "user"} <= set(titles(listing.table(mixed, now=NOW)))
    assert not {"experiment", "user"} & set(titles(listing.table(RUNS, now=NOW)))


@pytest.mark.parametrize(
    "name", ["params.lr", "lr", "metrics.loss", "loss", "tags.owner", "owner", "commit", "note"]
)
def test_named_columns(name: str) -> None:
    """Columns are named with their group or without, or are facts of a run."""
    (column,) = listing.table(RUNS, now=NOW, columns=[name]).columns
    assert any(cell.text for cell in column.cells)


def test_every_fact_has_a_column() -> None:
    """No fact raises, for no run."""
    every = [
        "id", "name", "status", "experiment", "started", "ended", "duration", "exit_code", "user", "host",
        "branch", "commit", "snapshot", "command", "note", "parent", "attempt",
    ]  # fmt: skip
    bare = run(3, user=None, host=None, parent_id="20261124-050000-k3f9a2x0")
    assert titles(listing.table([bare, RUNS[0]], now=NOW, columns=every)) == every


def test_unknown_column() -> None:
    """A column that no run has is an error that says which is near."""
    with pytest.raises(UsageError) as caught:
        listing.table(RUNS, now=NOW, columns=["statsu"])
    assert caught.value.hint == "did you mean 'status'?"


def test_unknown_column_without_a_near_one() -> None:
    """Where none is near, all are named."""
    with pytest.raises(UsageError) as caught:
        listing.table(RUNS, now=NOW, columns=["qqqqq"])
    assert "duration" in str(caught.value.hint)


def test_marks_are_for_eyes() -> None:
    """Marked: short ids, marks and ages; unmarked: whole ids."""
    marked, bare = listing.table(RUNS, now=NOW, rules=RULES, marks=True), listing.table(RUNS, now=NOW)
    assert marked.columns[0].cells[0].text == "k3f9a2x0"
    assert marked.columns[2].cells[3].text == "● running"
    assert bare.columns[0].cells[0].text == RUNS[0].id


def test_removed_runs_say_so() -> None:
    """`ls --deleted` tells removed runs from others."""
    table = listing.table([run(0, deleted=True)], now=NOW)
    assert table.columns[2].cells[0].text == "finished (removed)"


def test_no_runs() -> None:
    """A table of no runs has no rows."""
    assert list(listing.table([], now=NOW).rows) == []


def test_a_param_and_a_metric_of_one_name() -> None:
    """Where both bear one name, the title says which is which."""
    both = [run(number, metrics={"lr": RUNS[0].metrics["loss"]}) for number in range(3)]
    assert {"params.lr", "metrics.lr"} <= set(titles(listing.table(both, now=NOW)))
