"""Port, routes, model and its name, from variables and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.models.serving.settings import Settings, from_environment, model_from_environment, named

if TYPE_CHECKING:
    from pathlib import Path


def test_variables_of_clouds() -> None:
    """Vertex AI and others say port and routes."""
    assert from_environment({}) == {}
    said = {"AIP_HTTP_PORT": "9000", "AIP_PREDICT_ROUTE": "/v1/p", "AIP_HEALTH_ROUTE": "up", "PORT": "1"}
    assert from_environment(said) == {"port": 9000, "predict_route": "/v1/p", "health_route": "/up"}


def test_our_own_variables_come_first() -> None:
    """Where a cloud has none, as Azure ML."""
    said = {
        "GITTRACK_SERVE_PORT": "5001",
        "PORT": "1",
        "GITTRACK_SERVE_PREDICT_ROUTE": "/score",
        "GITTRACK_SERVE_HEALTH_ROUTE": "/",
    }
    assert from_environment(said) == {"port": 5001, "predict_route": "/score", "health_route": "/"}


def test_sagemaker() -> None:
    """Its port comes with empty answers to pings."""
    assert from_environment({"SAGEMAKER_BIND_TO_PORT": "8080"}) == {"port": 8080, "empty_ping": True}


@pytest.mark.parametrize("environ", [{"PORT": "x"}, {"PORT": "70000"}, {"AIP_PREDICT_ROUTE": "/a b"}])
def test_bad_variables(environ: dict[str, str]) -> None:
    """Are named."""
    with pytest.raises(InvalidValue, match=next(iter(environ))):
        from_environment(environ)


def test_routes_are_there_once() -> None:
    """Also where a variable repeats one."""
    assert Settings(predict_route="/invocations", health_route="/up").predict_routes == ["/invocations"]
    assert Settings(health_route="/up").health_routes == ["/ping", "/health", "/up"]


def test_the_model_of_a_container(tmp_path: Path) -> None:
    """A folder, or the only model in it."""
    inner = tmp_path / "clf"
    inner.mkdir()
    assert model_from_environment({"AZUREML_MODEL_DIR": str(tmp_path)}) == str(tmp_path)
    (inner / "MLmodel").touch()
    assert model_from_environment({"AZUREML_MODEL_DIR": str(tmp_path)}) == str(inner)
    assert model_from_environment({"AIP_STORAGE_URI": "gs://b/m"}) == "gs://b/m"
    assert (
        model_from_environment({"GITTRACK_SERVE_MODEL": "models:/m@p", "AIP_STORAGE_URI": "x"})
        == "models:/m@p"
    )
    assert model_from_environment({}) is None


@pytest.mark.parametrize(
    ("model", "given", "name"),
    [
        ("models:/clf/3", None, ("clf", "3")),
        ("models:/clf@prod", None, ("clf", None)),
        ("models:/clf/latest", None, ("clf", None)),
        ("runs:/@last/some model", None, ("some-model", None)),
        ("/home/me/models/lin/", None, ("lin", None)),
        ("..", None, ("model", None)),
        ("models:/clf/3", "x", ("x", None)),
        ("lin", "x/9", ("x", "9")),
    ],
)
def test_names(model: str, given: str | None, name: tuple[str, str | None]) -> None:
    """As given, of the registry, or of the folder."""
    assert named(model, given) == name
