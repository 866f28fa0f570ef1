from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest

from gittrack.models.manifests.describe import texts
from gittrack.models.manifests.facts import Facts
from gittrack.models.manifests.kubernetes import kserve, kubernetes
from tests.support import deploying

if TYPE_CHECKING:
    from pathlib import Path

FACTS = Facts(
    "churn", "3", "registry.example.com/churn:3", "ab" * 32, "models:/churn/3", "20261124-160327-7t2z3an5"
)


def _container(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["spec"]["template"]["spec"]["containers"][0]
    return found


@pytest.mark.parametrize("name", ["deployment.yaml", "service.yaml"])
def test_each_document_is_what_kubernetes_publishes(name: str) -> None:
    """The published schema of the oldest and a recent version takes it, without an unknown field."""
    for version in ("1.27", "1.33"):
        kubernetes_validate.validate(kubernetes(FACTS)[name], version, strict=True)


def test_the_schema_refuses_what_is_no_field() -> None:
    """The check above would see a field that is not there."""
    document = kubernetes(FACTS)["service.yaml"]
    document["spec"]["prots"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, "1.33", strict=True)


def test_the_service_finds_the_pods() -> None:
    """What the Service selects is what the pods are labelled with, and its port is theirs by name."""
    documents = kubernetes(FACTS)
    pod = documents["deployment.yaml"]["spec"]["template"]
    service = documents["service.yaml"]["spec"]
    assert service["selector"].items() <= pod["metadata"]["labels"].items()
    assert service["ports"][0]["targetPort"] == pod["spec"]["containers"][0]["ports"][0]["name"]


def test_a_pod_has_no_rights() -> None:
    """It is what the restricted profile of Kubernetes asks for, and its files cannot be written."""
    document = kubernetes(FACTS)["deployment.yaml"]
    pod, container = document["spec"]["template"]["spec"], _container(document)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_it_says_where_the_model_is_from() -> None:
    """Annotations name the model, its digest and its run."""
    found = kubernetes(FACTS)["deployment.yaml"]["spec"]["template"]["metadata"]["annotations"]
    assert found == {
        "gittrack.dev/model": "models:/churn/3",
        "gittrack.dev/model-digest": f"sha256:{'ab' * 32}",
        "gittrack.dev/run": "20261124-160327-7t2z3an5",
    }


def test_kserve_takes_its_document(tmp_path: Path) -> None:
    """The OpenAPI classes that KServe publishes know each field and type."""
    path = tmp_path / "inferenceservice.yaml"
    path.write_bytes(texts(kserve(FACTS))[path.name])
    assert deploying.wrong("kserve", path) == []


def test_kserve_would_say_what_it_does_not_know(tmp_path: Path) -> None:
    """The check above would see a field or type that is wrong."""
    document = kserve(FACTS)
    document["inferenceservice.yaml"]["spec"]["predictor"] |= {"minReplica": 1, "timeout": "60"}
    path = tmp_path / "inferenceservice.yaml"
    path.write_bytes(texts(document)[path.name])
    said = deploying.wrong("kserve", path)
    assert said == [
        "$.spec.predictor.timeout: not int: '60'",
        "$.spec.predictor: V1beta1PredictorSpec has no minReplica",
    ]
