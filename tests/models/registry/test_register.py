"""Registering models."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue, MalformedFile, RunNotFound
from gittrack.core.records import Run
from gittrack.models.api import folder_of
from gittrack.models.registry import register as registering
from gittrack.models.registry.register import register
from gittrack.store.kept.choosing import ArtifactNotFound
from gittrack.store.registry.read import model
from gittrack.store.runs import RunStore
from tests.support.registry import record_model, registered
from tests.support.remotes import START, record

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_kept(store: RunStore) -> None:
    """Run, path, digest, signature, source, inputs, who and when."""
    run_id = record_model(store)
    done = register(store, f"runs:/{run_id}/model", "churn", alias="champion", tags={"a": 1}, note="good")
    one = done.version
    assert done.new
    assert (one.name, one.number, one.run_id, one.path, one.flavors) == (
        "churn",
        1,
        run_id,
        "model",
        ("python_function",),
    )
    assert one.digest == store.get(run_id).artifacts[0].sha256
    assert one.source == {"commit": store.git.resolve("HEAD"), "branch": "main"}
    assert one.inputs == ({"name": "train", "uri": "data/train.csv", "sha256": "ab" * 32},)
    assert one.signature is not None
    assert one.signature["inputs"] == '[{"type": "double", "name": "a", "required": true}]'
    assert (one.author, one.tags, one.note) == ("Ada <ada@example.org>", {"a": "1"}, "good")
    assert (one.aliases, one.uri) == (("champion",), "models:/churn/1")
    subject = store.git.run("log", "-1", "--format=%s", "gittrack/runs").text
    assert subject == "gittrack: register model churn/1 as champion"


def test_numbers_rise(store: RunStore) -> None:
    """1, 2, 3, of each model for itself."""
    assert [registered(store, content=bytes([one])).number for one in range(3)] == [1, 2, 3]
    assert registered(store, "other").number == 1


def test_the_same_again(store: RunStore) -> None:
    """A model of a run is registered once under a name; an alias and tags can be added so."""
    run_id = record_model(store)
    first = register(store, f"runs:/{run_id}/model", "churn")
    again = register(store, f"runs:/{run_id}/model", "churn", alias="champion", tags={"a": "b"})
    assert (again.new, again.version.id) == (False, first.version.id)
    assert (again.version.aliases, again.version.tags) == (("champion",), {"a": "b"})
    tip = store.git.resolve("gittrack/runs")
    register(store, f"runs:/{run_id}/model", "churn", alias="champion")
    assert store.git.resolve("gittrack/runs") == tip


def test_only_model_of_a_run(store: RunStore) -> None:
    """Its path may be left out, and RUN is any word for one."""
    record_model(store, path="deep/model")
    assert register(store, "runs:/@last", "churn").version.path == "deep/model"


def test_another_name(store: RunStore) -> None:
    """What has a name can get another."""
    one = registered(store, alias="champion")
    copy = register(store, "models:/churn@champion", "churn-eu").version
    assert (copy.name, copy.number, copy.run_id, copy.digest) == ("churn-eu", 1, one.run_id, one.digest)


@pytest.mark.parametrize("uri", ["model", "/srv/model", "s3://bucket/model", "runs:/", "--help"])
def test_no_model_of_a_run(store: RunStore, uri: str) -> None:
    """Only what a run has made has a history."""
    with pytest.raises(InvalidValue, match="no model of a run"):
        register(store, uri, "churn")


def test_what_is_not_there(store: RunStore) -> None:
    """A run, a path, a model."""
    record(store)
    with pytest.raises(InvalidValue, match="has no model"):
        register(store, "runs:/@last", "churn")
    run_id = record_model(store)
    with pytest.raises(ArtifactNotFound):
        register(store, f"runs:/{run_id}/other", "churn")
    with pytest.raises(InvalidValue, match="is no model: it has no MLmodel"):
        register(store, f"runs:/{run_id}/model/weights.bin", "churn")
    with pytest.raises(RunNotFound):
        register(store, "runs:/nothing/model", "churn")
    assert model(store.git, "churn").versions == ()


def test_unreadable_models(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An `MLmodel` that says nothing, or too much."""
    broken = record_model(store, mlmodel=b"flavors: [")
    with pytest.raises(MalformedFile, match="model/MLmodel"):
        register(store, f"runs:/{broken}/model", "churn")
    monkeypatch.setattr(registering, "_LARGEST_MLMODEL", 10)
    with pytest.raises(InvalidValue, match="has 11 bytes"):
        register(store, f"runs:/{record_model(store, mlmodel=b'flavors: {}')}/model", "churn")


def test_long_signature(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays in the `MLmodel` alone; a model without one has none."""
    monkeypatch.setattr(registering, "_LARGEST_SIGNATURE", 10)
    assert registered(store).signature is None
    run_id = record_model(store, mlmodel=b"flavors: {}\n")
    assert register(store, f"runs:/{run_id}/model", "churn").version.signature is None


def test_run_that_has_not_ended(store: RunStore) -> None:
    """Others could not fetch it."""
    run = Run(store.new_id(), status="running", start_time=START)
    store.create(run)
    with pytest.raises(InvalidValue, match="has not ended"):
        register(store, f"runs:/{run.id}/model", "churn")


def test_several_models_of_a_run(repo: Path) -> None:
    """The path is asked for, and the paths are shown."""
    import gittrack

    with gittrack.start_run() as run:
        for name in ("a", "b"):
            gittrack.log_text("flavors: {}\n", f"{name}/MLmodel")
    with pytest.raises(InvalidValue, match="has 2 models: a, b"):
        gittrack.register_model(f"runs:/{run.run_id}", "churn")
    one = gittrack.register_model(f"runs:/{run.run_id}/a", "churn")  # single files, not one directory
    assert folder_of(one.uri).name == "a"
    assert repo.is_dir()


def test_names_that_differ_in_case(store: RunStore) -> None:
    """Some file systems take them for one."""
    registered(store)
    with pytest.raises(InvalidValue, match="there is a model 'churn'"):
        registered(store, "Churn")


@pytest.mark.parametrize(
    ("name", "alias"), [("../up", None), ("-x", None), ("churn", "latest"), ("churn", "a/b")]
)
def test_names_of_attackers(store: RunStore, name: str, alias: str | None) -> None:
    """Nothing is written then."""
    with pytest.raises(InvalidValue, match="not a name for"):
        register(store, "runs:/@last", name, alias=alias)


def test_secrets_stay_out(store: RunStore) -> None:
    """Tags, notes and messages are freed of them."""
    token = "ghp_" + "a1B2" * 9
    one = register(
        store,
        f"runs:/{record_model(store)}/model",
        "churn",
        alias="prod",
        tags={"token": token},
        note=f"key {token}",
        message=f"with {token}",
    ).version
    assert token not in store.git.run("log", "-p", "--all").text
    assert one.tags == {"token": "[redacted]"}


def test_digest_is_that_of_the_saved_model(repo: Path, tmp_path: Path) -> None:
    """A real model: what was registered is what was saved, and it predicts."""
    import numpy as np
    from sklearn.linear_model import LinearRegression

    import gittrack
    from gittrack.models.digest import model_digest

    data = np.array([[0.0], [1.0]])
    with gittrack.start_run():
        logged = gittrack.log_model(LinearRegression().fit(data, data[:, 0]), input_example=data)
    one = gittrack.register_model(logged.uri, "line", alias="champion")
    loaded = gittrack.load_model("models:/line@champion", dst_path=tmp_path)
    assert loaded.predict(data).round(9).tolist() == [0, 1]
    [folder] = tmp_path.glob("*/*/model")
    assert model_digest(folder) == one.digest
    assert repo.is_dir()


def _register(place: tuple[str, str]) -> int:
    store = RunStore.open(place[0])
    return register(store, f"runs:/{place[1]}/model", "churn").version.number


def test_processes_at_once(store: RunStore, repo: Path) -> None:
    """Each registration of one machine gets a number of its own at once."""
    runs = [record_model(store, bytes([one])) for one in range(6)]
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        numbers = list(pool.map(_register, [(str(repo), run_id) for run_id in runs]))
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    found = model(store.git, "churn")
    assert sorted(found.claims.values()) == sorted(numbers)
