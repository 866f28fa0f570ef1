from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import FilterError
from gittrack.core.events import Deleted, Ended
from gittrack.query.search import search
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.runs import START, run

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


def commit(store: RunStore, *runs: Run) -> None:
    """Commit runs."""
    files = {path: content for one in runs for path, content in layout.run_files(one, [], None).items()}
    branch.submit(store.git, Changes("runs", files))


def at(number: int, **fields: Any) -> Run:
    """A run with an id that says its number; a higher one started later."""
    start = START + 1000 * number
    plain = {"id": f"20261124-040313-{number:08d}", "start_time": start, "end_time": start + 10}
    return run(**(plain | fields))


def numbers(runs: list[Run]) -> list[int]:
    """Which runs these are."""
    return [int(one.id[-8:]) for one in runs]


def test_newest(store: RunStore) -> None:
    """The newest come first, at most as many as asked for."""
    commit(store, *map(at, range(5)))
    assert numbers(search(store, limit=3)) == [4, 3, 2]
    assert numbers(search(store, limit=None)) == [4, 3, 2, 1, 0]
    assert search(store, limit=0) == []


def test_filter(store: RunStore) -> None:
    """A filter chooses."""
    commit(store, *(at(number, params={"lr": number}) for number in range(5)))
    assert numbers(search(store, "params.lr > 1 and params.lr != 3")) == [4, 2]
    assert numbers(search(store, "  ")) == [4, 3, 2, 1, 0]


def test_filter_error(store: RunStore) -> None:
    """A filter that does not parse is an error."""
    with pytest.raises(FilterError):
        search(store, "params.lr >")


def test_unknown_key(store: RunStore) -> None:
    """A key that no run has finds nothing, and sorts nothing."""
    commit(store, at(1), at(2))
    assert search(store, "metrics.gone > 1") == []
    assert numbers(search(store, order_by="metrics.gone")) == [2, 1]


def test_experiments(store: RunStore) -> None:
    """Experiments are chosen by name, one or several."""
    commit(store, *(at(number, experiment=name) for number, name in enumerate("abc")))
    assert numbers(search(store, experiments=["a", "c"])) == [2, 0]
    assert numbers(search(store, experiments="b")) == [1]
    assert search(store, experiments=[]) == []
    assert numbers(search(store, experiments=["a", *map(str, range(2000))])) == [0]


def test_order(store: RunStore) -> None:
    """Runs are sorted by what is asked; numbers before texts."""
    values = {0: 10, 1: 9, 2: "x", 3: None}
    commit(
        store, *(at(number, params={} if value is None else {"a": value}) for number, value in values.items())
    )
    assert numbers(search(store, order_by="params.a")) == [1, 0, 2, 3]
    assert numbers(search(store, order_by=["params.a DESC"])) == [2, 0, 1, 3]


def test_deleted(store: RunStore) -> None:
    """Hidden runs are left out unless asked for, in words or by the filter."""
    commit(store, at(1), at(2))
    store.edit([at(1).id], [Deleted()])
    assert numbers(search(store)) == [2]
    assert numbers(search(store, deleted=True)) == [2, 1]
    assert numbers(search(store, "deleted = true")) == [1]


def test_live(store: RunStore) -> None:
    """Live runs are sorted in with the others."""
    commit(store, at(1, params={"a": 1}), at(3, params={"a": 3}))
    journal = store.create(at(2, status="running", end_time=None, params={"a": 2}))
    assert numbers(search(store)) == [3, 2, 1]
    assert numbers(search(store, order_by="params.a", limit=2)) == [1, 2]
    assert numbers(search(store, "status = 'running'")) == [2]
    assert numbers(search(store, "params.a = 3")) == [3]
    assert search(store, experiments="other") == []
    journal.close()


def test_resumed(store: RunStore) -> None:
    """A run that is resumed is shown as it is now, once."""
    first = at(1, params={"a": 1})
    commit(store, first, at(2))
    journal = store.resume(first.id, at(1, status="running", end_time=None, params={"a": 2}))
    [found] = search(store, "params.a is not null")
    assert (found.status, found.params, found.attempt) == ("running", {"a": 2}, 2)
    assert search(store, "params.a = 1") == []
    journal.close()


def test_committed_meanwhile(store: RunStore) -> None:
    """A run that is both live and committed is shown as it was committed."""
    live = at(1, status="running", end_time=None)
    journal = store.create(live)
    commit(store, at(1, params={"a": 1}))
    assert search(store)[0].status == "finished"
    journal.event(Ended("finished", START))
    journal.close()
