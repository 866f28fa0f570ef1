"""The registry's champion is what runs are held against, in a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.query.review.baseline import baseline_of
from gittrack.query.review.selection import head_of
from tests.support.git import git_run
from tests.support.registry import registered
from tests.support.reviews import commit, record

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def new(repo: Path, store: RunStore) -> Run:
    """A run of a branch; main has one, too."""
    record(store, git_run("rev-parse", "HEAD", cwd=repo), {"acc": 0.8})
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    return record(store, commit(repo, "wider = True\n"), {"acc": 0.9})


def test_the_champion(store: RunStore, new: Run) -> None:
    """It comes before the merge base."""
    version = registered(store, alias="champion")
    base = baseline_of(store, head_of(store, [new.id]))
    assert ([run.id for run in base.runs], base.label) == ([version.run_id], "churn@champion")
    assert base.how == "the registry's champion"


def test_what_is_asked_for_comes_first(store: RunStore, new: Run) -> None:
    """`--base main` is main."""
    registered(store, alias="champion")
    assert baseline_of(store, head_of(store, [new.id]), ["main"]).label.startswith("main@")


@pytest.mark.parametrize("aliases", [["challenger"], ["champion", "champion"]])
def test_no_one_champion(store: RunStore, new: Run, aliases: list[str]) -> None:
    """Without one, and where two models of the experiment have one, the merge base counts."""
    for number, alias in enumerate(aliases):
        registered(store, f"model{number}", alias.encode() + bytes([number]), alias=alias)
    assert baseline_of(store, head_of(store, [new.id])).how != "the registry's champion"


def test_the_champion_itself(store: RunStore, new: Run) -> None:
    """A run is not held against itself."""
    version = registered(store, alias="champion")
    base = baseline_of(store, head_of(store, [version.run_id, new.id]))
    assert version.run_id not in {run.id for run in base.runs}


def test_another_experiment(repo: Path, store: RunStore) -> None:
    """A champion of other work says nothing about this."""
    registered(store, alias="champion")
    git_run("checkout", "-q", "-b", "other", cwd=repo)
    record(store, git_run("rev-parse", "main", cwd=repo), {"acc": 0.8}, experiment="other")
    run = record(store, commit(repo, "other = True\n"), {"acc": 0.9}, experiment="other")
    assert baseline_of(store, head_of(store, [run.id])).how == "its latest finished runs"


def test_repetitions(store: RunStore, new: Run) -> None:
    """Runs of the champion's code and params with other seeds are more samples of it."""
    version = registered(store, alias="champion")
    champion = store.get(version.run_id)
    more = record(
        store, str(champion.source.commit), {"acc": 0.7}, params={"seed": 1}, inputs=champion.inputs
    )
    record(store, str(champion.source.commit), {"acc": 0.7}, params={"lr": 1}, inputs=champion.inputs)
    base = baseline_of(store, head_of(store, [new.id]))
    assert [run.id for run in base.runs] == [version.run_id, more.id]
