from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.models.manifests.clouds import azureml, sagemaker
from gittrack.models.manifests.describe import texts
from gittrack.models.manifests.facts import Facts
from tests.support import deploying

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FACTS = Facts(
    "churn", "3", "registry.example.com/churn:3", "ab" * 32, "models:/churn/3", "20261124-160327-7t2z3an5"
)
REQUESTS = {
    "create-model.json": "CreateModel",
    "create-endpoint-config.json": "CreateEndpointConfig",
    "create-endpoint.json": "CreateEndpoint",
}


def _sagemaker_says(operation: str, body: dict[str, Any]) -> list[str]:
    """What botocore's published description of SageMaker has against a request: shape, patterns, words."""
    pytest.importorskip("botocore", reason="botocore comes with the extra s3")
    import botocore.session
    from botocore.validate import ParamValidator

    shape = (
        botocore.session.get_session().get_service_model("sagemaker").operation_model(operation).input_shape
    )
    report = ParamValidator().validate(body, shape)
    return [*report.generate_report().splitlines(), *_patterns(body, shape)]


def _patterns(value: Any, shape: Any) -> Iterator[str]:
    if shape.type_name == "structure":
        for key, one in value.items():
            yield from _patterns(one, shape.members[key])
    elif shape.type_name == "list":
        for one in value:
            yield from _patterns(one, shape.member)
    elif shape.type_name == "string":
        letters = str(shape.metadata.get("pattern", "")).replace(r"\p{L}\p{Z}\p{N}", r"\w\s")
        if letters and not re.fullmatch(letters, value):
            yield f"{shape.name}: {value}"
        if shape.enum and value not in shape.enum:
            yield f"{shape.name}: no {value}"
        if len(value) > shape.metadata.get("max", len(value)):
            yield f"{shape.name}: too long"


@pytest.mark.parametrize("name", REQUESTS)
def test_sagemaker_takes_each_request(name: str) -> None:
    """The service description that AWS publishes takes it."""
    assert _sagemaker_says(REQUESTS[name], sagemaker(FACTS)[name]) == []


def test_sagemaker_would_say_what_it_does_not_know() -> None:
    """The check above would see a field that is missing or a name that cannot be."""
    said = _sagemaker_says("CreateEndpoint", {"EndpointName": "a b"})
    assert len(said) == 2


def test_requests_name_each_other() -> None:
    """The endpoint uses the configuration, and that the model."""
    found = sagemaker(FACTS)
    config = found["create-endpoint-config.json"]
    assert found["create-endpoint.json"]["EndpointConfigName"] == config["EndpointConfigName"]
    assert config["ProductionVariants"][0]["ModelName"] == found["create-model.json"]["ModelName"]


@pytest.mark.parametrize("name", ["endpoint.yaml", "deployment.yaml"])
def test_azure_takes_each_description(tmp_path: Path, name: str) -> None:
    """Azure's own client loads it."""
    path = tmp_path / name
    path.write_bytes(texts(azureml(FACTS))[name])
    assert deploying.wrong("azure", path) == []


def test_azure_would_say_what_it_does_not_know(tmp_path: Path) -> None:
    """The check above would see a field that is not there."""
    path = tmp_path / "deployment.yaml"
    documents = azureml(FACTS)
    documents["deployment.yaml"]["instances"] = 3
    path.write_bytes(texts(documents)["deployment.yaml"])
    assert deploying.wrong("azure", path)


def test_the_deployment_is_of_the_endpoint() -> None:
    """The deployment names the endpoint."""
    found = azureml(FACTS)
    assert found["deployment.yaml"]["endpoint_name"] == found["endpoint.yaml"]["name"]
