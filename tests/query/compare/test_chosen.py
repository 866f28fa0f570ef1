from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import FilterError, RunNotFound
from gittrack.query.compare.chosen import chosen
from tests.cli.recorded import record

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def test_runs_and_filters(store: RunStore) -> None:
    """Names, filters and both together; each run once, of a filter the oldest first."""
    one, two = record(store, name="one", start_time=1000), record(store, name="lr = 2", start_time=2000)
    assert [run.id for run in chosen(store, ["attributes.status = 'finished'"])] == [one.id, two.id]
    assert [run.id for run in chosen(store, ["one", "metrics.loss < 1"])] == [one.id, two.id]
    assert [run.id for run in chosen(store, ["lr = 2"])] == [two.id]


def test_nothing_is_chosen(store: RunStore) -> None:
    """No run, no match and no grammar are errors."""
    record(store, name="one")
    for words, error in ((["two"], RunNotFound), (["metrics.loss > 9"], RunNotFound), (["a ="], FilterError)):
        with pytest.raises(error):
            chosen(store, words)
