from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.hydra import HydraCallback
from gittrack.launch.sweep.trials import NUMBER, OF
from gittrack.query.search import search
from gittrack.query.select import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

CONFIG = """\
lr: 0.1
model: {width: 4}
hydra:
  run: {dir: outputs}
  sweep: {dir: outputs}
  callbacks:
    gittrack:
      _target_: gittrack.launch.hydra.HydraCallback
      name: tune
      metric: objective
      experiment: hydra
      tags: {team: a}
"""
APP = """\
import hydra, gittrack

@hydra.main(version_base=None, config_path=".", config_name="config")
def app(cfg):
    gittrack.log_metric("loss", cfg.lr * 2)
    if cfg.lr > 1:
        raise ValueError("too large")
    return cfg.lr

app()
"""


@pytest.fixture
def app(repo: Path) -> Path:
    """An application with the callback in its configuration."""
    (repo / "config.yaml").write_text(CONFIG)
    (repo / "app.py").write_text(APP)
    (repo / ".gitignore").write_text("outputs\n")
    return repo


def run(app: Path, *words: str) -> int:
    """Run it; gives the exit status."""
    env = {**os.environ, "PYTHONWARNINGS": "error::UserWarning"}
    return subprocess.run(
        [sys.executable, "app.py", *words], cwd=app, env=env, capture_output=True, check=False
    ).returncode


def runs(store: RunStore) -> list[Run]:
    """All runs, the first one first."""
    return search(store, limit=None, order_by="start_time")


def test_a_multirun_is_a_run_with_one_nested_run_a_job(app: Path, store: RunStore) -> None:
    """Overrides are params; what the application returns is logged; the best is that of the sweep."""
    assert run(app, "--multirun", "lr=0.2,0.1", "+model.depth=3") == 0
    parent, *jobs = runs(store)
    assert (parent.status, parent.name, parent.params) == ("finished", "tune", {})
    assert parent.note == "Hydra multirun: lr=0.2,0.1, model.depth=3"
    assert [job.params for job in jobs] == [{"lr": lr, "model.depth": 3} for lr in (0.2, 0.1)]
    assert [(job.parent_id, job.tags[OF]) for job in jobs] == [(parent.id, parent.id)] * 2
    assert [(job.name, job.tags[NUMBER], job.tags["team"]) for job in jobs] == [
        *(("tune-0", "0", "a"), ("tune-1", "1", "a"))
    ]
    assert [job.metrics["objective"].last for job in jobs] == [0.2, 0.1]
    assert {job.experiment for job in jobs} == {"hydra"}
    assert jobs[0].source.snapshot
    assert resolve(store, f"@best:loss:{parent.id}") == jobs[1]


def test_a_single_run(app: Path, store: RunStore) -> None:
    """It is one run, in nobody."""
    assert run(app, "lr=0.3", "~model.width") == 0
    (one,) = runs(store)
    assert (one.status, one.name, one.params, one.parent_id) == ("finished", "tune", {"lr": 0.3}, None)


def test_a_job_that_fails(app: Path, store: RunStore) -> None:
    """Its run and that of the multirun say so."""
    assert run(app, "-m", "lr=0.1,3") == 1
    parent, first, second = runs(store)
    assert [one.status for one in (parent, first, second)] == ["failed", "finished", "failed"]


def test_it_travels_to_other_processes(store: RunStore) -> None:
    """What begins a run there goes along, the runs of this process do not."""
    callback = HydraCallback(name="tune")
    callback._parent_id = "20261124-040313-abcd0001"
    callback._parent = object()  # type: ignore[assignment]  # anything that cannot be sent
    there = pickle.loads(pickle.dumps(callback))  # noqa: S301  our own
    assert (there._parent_id, there._parent, there._name) == (callback._parent_id, None, "tune")
    assert there._store().git.place == store.git.place
