from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.exceptions import MlflowException

import gittrack
from gittrack.mlflow.registry import GitTrackRegistry

if TYPE_CHECKING:
    from pathlib import Path

_MLMODEL = "flavors:\n  python_function:\n    loader_module: none\n"


@pytest.fixture
def registry(store: Any, folder: Path) -> GitTrackRegistry:
    """The registry of the repository."""
    assert store
    return GitTrackRegistry(f"gittrack:{folder}", None)


@pytest.fixture
def run_id(store: Any, folder: Path, tmp_path: Path) -> str:
    """A run of gittrack with two models."""
    assert store
    for name in ("m", "n"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MLmodel").write_text(_MLMODEL + f"run_id: {name}\n")
    with gittrack.start_run(repo=folder) as run:
        run.log_artifact(tmp_path / "m")
        run.log_artifact(tmp_path / "n")
    return run.run_id


def test_a_model_without_versions(registry: GitTrackRegistry) -> None:
    """It is there with its tags and description, once."""
    made = registry.create_registered_model("churn", [RegisteredModelTag("team", "a")], "about")
    assert (made.name, made.tags, made.description) == ("churn", {"team": "a"}, "about")
    with pytest.raises(MlflowException, match="already exists") as raised:
        registry.create_registered_model("churn")
    assert raised.value.error_code == "RESOURCE_ALREADY_EXISTS"
    assert registry.get_latest_versions("churn") == []


def test_tags_and_descriptions(registry: GitTrackRegistry, run_id: str) -> None:
    """They change, of the model and of a version."""
    registry.create_registered_model("churn")
    registry.create_model_version(
        "churn", f"runs:/{run_id}/m", run_id, [ModelVersionTag("a", "1")], None, "one"
    )
    registry.set_registered_model_tag("churn", RegisteredModelTag("x", "y"))
    registry.delete_registered_model_tag("churn", "x")
    registry.set_model_version_tag("churn", "1", ModelVersionTag("b", "2"))
    registry.delete_model_version_tag("churn", "1", "a")
    registry.update_registered_model("churn", "model")
    version = registry.update_model_version("churn", 1, "version")
    assert (version.tags, version.description, version.source) == ({"b": "2"}, "version", f"runs:/{run_id}/m")
    model = registry.get_registered_model("churn")
    assert (model.tags, model.description) == ({}, "model")


def test_versions_by_source(registry: GitTrackRegistry, store: Any, run_id: str) -> None:
    """By run, by the address of the artifacts, by another name; each model of a run once."""
    registry.create_registered_model("churn")
    registry.create_registered_model("other")
    uri = store.get_run(run_id).info.artifact_uri
    assert registry.create_model_version("churn", f"runs:/{run_id}/m", None).version == "1"
    assert registry.create_model_version("churn", f"{uri}/n", run_id).version == "2"
    assert registry.create_model_version("churn", f"{uri}/m", run_id).version == "1"
    assert registry.create_model_version("other", "models:/churn/2", None).version == "1"
    assert registry.get_model_version_download_uri("other", 1) == f"{uri}/n"
    found = registry.search_model_versions("name = 'churn'", 10, ["version_number ASC"])
    assert [one.version for one in found] == ["1", "2"]
    page = registry.search_registered_models(None, 1)
    assert [one.name for one in page] == ["churn"]
    assert [one.name for one in registry.search_registered_models(None, 1, None, page.token)] == ["other"]


def test_aliases(registry: GitTrackRegistry, run_id: str) -> None:
    """They name a version until they are taken away."""
    registry.create_registered_model("churn")
    registry.create_model_version("churn", f"runs:/{run_id}/m", run_id)
    registry.set_registered_model_alias("churn", "champion", 1)
    assert registry.get_model_version_by_alias("churn", "champion").version == "1"
    assert registry.get_registered_model("churn").aliases == {"champion": "1"}
    registry.delete_registered_model_alias("churn", "champion")
    registry.delete_registered_model_alias("churn", "champion")
    with pytest.raises(MlflowException, match="alias champion not found"):
        registry.get_model_version_by_alias("churn", "champion")


@pytest.mark.parametrize("source", ["s3://bucket/model", "runs:/nothing/m", "models:/m-" + "0" * 32])
def test_sources_of_others(registry: GitTrackRegistry, source: str) -> None:
    """Only models of runs that are here become versions."""
    registry.create_registered_model("churn")
    with pytest.raises(MlflowException):
        registry.create_model_version("churn", source, None)


def test_what_is_not_there(registry: GitTrackRegistry) -> None:
    """Models and versions that are not there, with MLflow's words and code."""
    with pytest.raises(MlflowException, match="Registered Model with name=x not found") as raised:
        registry.get_registered_model("x")
    assert raised.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    registry.create_registered_model("x")
    with pytest.raises(MlflowException, match=r"Model Version \(name=x, version=3\) not found"):
        registry.get_model_version("x", 3)
    for most in (0, 10**6):
        with pytest.raises(MlflowException, match="Invalid value"):
            registry.search_registered_models(None, most)


def test_nothing_is_taken_back(registry: GitTrackRegistry) -> None:
    """Deleting, renaming and stages are refused."""
    registry.create_registered_model("x")
    for call in (
        lambda: registry.delete_registered_model("x"),
        lambda: registry.rename_registered_model("x", "y"),
        lambda: registry.delete_model_version("x", 1),
        lambda: registry.transition_model_version_stage(
            "x", 1, "Production", archive_existing_versions=False
        ),
    ):
        with pytest.raises(MlflowException) as raised:
            call()
        assert raised.value.error_code == "NOT_IMPLEMENTED"
