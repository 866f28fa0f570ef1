"""What MLflow's database store has no part in: marks, addresses, what is not kept."""

from __future__ import annotations

import math
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

import gittrack
from gittrack.mlflow.experiment_files import id_of
from gittrack.store.sync import share

if TYPE_CHECKING:
    from pathlib import Path


def begun(store: Any, name: str = "digits") -> str:
    """A run in a new experiment; its id."""
    experiment = store.get_experiment_by_name(name)
    experiment_id = experiment.experiment_id if experiment else store.create_experiment(name, None, [])
    return str(store.create_run(experiment_id, "ada", 1000, [], "r").info.run_id)


def test_ids_follow_from_names(store: Any) -> None:
    """Two clones that make an experiment of one name give it one id."""
    assert store.create_experiment("digits", None, []) == id_of("digits")


def test_the_default_experiment(store: Any, folder: Path) -> None:
    """Experiment 0 is the one that gittrack's runs go to by default."""
    with gittrack.start_run(repo=folder) as run:
        pass
    assert store.get_run(run.run_id).info.experiment_id == "0"


def test_infinity_is_kept(store: Any) -> None:
    """Infinities are themselves, where a database has the largest number."""
    run_id = begun(store)
    store.log_metric(run_id, Metric("m", math.inf, 1, 0))
    assert store.get_run(run_id).data.metrics == {"m": math.inf}


def test_own_tags_are_hidden_and_reserved(store: Any) -> None:
    """Nobody sets our marks, and nobody sees them."""
    run_id = begun(store)
    with pytest.raises(MlflowException, match=r"gittrack's own"):
        store.set_tag(run_id, RunTag("gittrack.mlflow.run", "x"))
    assert not [key for key in store.get_run(run_id).data.tags if key.startswith("gittrack.")]


def test_a_renamed_experiment_keeps_its_runs(store: Any, folder: Path) -> None:
    """A new name changes nothing of the runs; the old name is free, for another experiment."""
    run_id = begun(store)
    experiment_id = store.get_run(run_id).info.experiment_id
    store.rename_experiment(experiment_id, "numbers")
    other = store.create_experiment("digits", None, [])
    assert other != experiment_id
    assert store.get_experiment_by_name("numbers").experiment_id == experiment_id
    assert gittrack.get_run(run_id, repo=folder).experiment == "digits"


def test_a_running_run_that_is_deleted(store: Any, folder: Path) -> None:
    """It stays hidden when it ends."""
    run_id = begun(store)
    store.delete_run(run_id)
    assert store.get_run(run_id).info.lifecycle_stage == "deleted"
    store.restore_run(run_id)
    store.log_param(run_id, Param("a", "1"))
    store.delete_run(run_id)
    store.opened.writing.end(run_id, "finished", 2000)
    assert gittrack.get_run(run_id, repo=folder).deleted
    assert store.get_run(run_id).info.lifecycle_stage == "deleted"


def test_traces_are_refused(store: Any) -> None:
    """A trace is refused with MLflow's code for that, and there are none."""
    with pytest.raises(MlflowException, match="does not keep traces") as raised:
        store.start_trace(None)
    assert raised.value.error_code == "NOT_IMPLEMENTED"
    assert store.search_traces(["0"])[0] == []


def test_no_repository(tmp_path: Path) -> None:
    """A folder that is no repository is refused."""
    from gittrack.mlflow.tracking import GitTrackStore

    with pytest.raises(MlflowException, match="repository"):
        GitTrackStore(f"gittrack:{tmp_path}", None)


def test_experiments_merge(store: Any, folder: Path, tmp_path: Path) -> None:
    """Experiments of another clone come with its runs."""
    from gittrack.mlflow.tracking import GitTrackStore

    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    other = tmp_path / "other"
    for path in (folder, other):
        if path == other:
            subprocess.run(["git", "clone", "-q", str(folder), str(other)], check=True)
            subprocess.run(["git", "-C", str(other), "remote", "remove", "origin"], check=True)
        subprocess.run(["git", "-C", str(path), "remote", "add", "origin", str(bare)], check=True)
    theirs = GitTrackStore(f"gittrack:{other}", None)
    store.create_experiment("here", None, [])
    theirs.create_experiment("there", None, [])
    share.push(store.opened.store)
    share.push(theirs.opened.store)
    share.pull(store.opened.store)
    names = {one.name for one in store.search_experiments()}
    theirs.close()
    assert {"here", "there"} <= names
