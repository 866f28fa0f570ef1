"""The store against MLflow's own one on SQLite."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.frameworks.mlflow_store.script import Clock, Script
from tests.frameworks.mlflow_store.sequences import Side, differences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CALLS = int(os.environ.get("GITTRACK_MLFLOW_CALLS", "500"))
_SEED = int(os.environ.get("GITTRACK_MLFLOW_SEED", "1"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One clock for both, and one maker of names."""
    import mlflow.store.tracking.sqlalchemy_store as theirs

    from gittrack.mlflow import experiments, model_calls, run_calls

    clock = Clock()
    for module in (experiments, model_calls, run_calls):
        monkeypatch.setattr(module, "now_ms", clock)
    monkeypatch.setattr(theirs, "get_current_time_millis", clock)
    for named in (model_calls, run_calls, theirs):
        monkeypatch.setattr(named, "_generate_random_name", lambda: f"name {clock.now}")
    return clock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Any]:
    """MLflow's store on a new SQLite file."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    made = SqlAlchemyStore(f"sqlite:///{tmp_path / 'mlflow.db'}", (tmp_path / "artifacts").as_uri())
    yield made
    made._dispose_engine()


def test_the_same_answers(clock: Clock, store: Any, database: Any) -> None:
    """Random calls get the same answers and the same errors."""
    found = differences(Side(store), Side(database), Script(_SEED, clock), _CALLS)
    assert not found, "\n\n".join(one[:3000] for one in found[:5])
